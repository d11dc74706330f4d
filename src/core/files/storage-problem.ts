/** Why the disk takes nothing; part of the interface (reliability, section 3). */
export type StorageProblem = 'storage_full' | 'storage_unwritable' | 'storage_error';

const PROBLEMS: Readonly<Record<string, StorageProblem>> = {
  ENOSPC: 'storage_full',
  EDQUOT: 'storage_full',
  EFBIG: 'storage_full',
  EACCES: 'storage_unwritable',
  EPERM: 'storage_unwritable',
  EROFS: 'storage_unwritable',
};

/** @param code the operating system's name of the error, such as `ENOSPC` */
export const storageProblem = (code: string | undefined): StorageProblem =>
  PROBLEMS[code ?? ''] ?? 'storage_error';

/** True where giving back space elsewhere on the volume helps; a file that is too big is no such case. */
export const isOutOfSpace = (code: string | undefined): boolean => code === 'ENOSPC' || code === 'EDQUOT';
