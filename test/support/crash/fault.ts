/**
 * What happens at one operation of a file system, counted from 1 or the first of a name, or from it on; how long a sync
 * of one rollout takes; or that nothing happens and all is written down.
 */
export type Fault =
  | { readonly kind: 'none'; readonly isRecorded: true }
  | { readonly kind: 'slow'; readonly syncMs: number }
  | { readonly kind: 'kill'; readonly at: number | string; readonly moment: 'before' | 'after' }
  | { readonly kind: 'error'; readonly at: number; readonly code: ErrorCode; readonly lastsMs: number };

export type ErrorCode = 'ENOSPC' | 'EIO' | 'EACCES';

/** Operations that a system refuses for want of space, or of permission; a broken disk refuses any
 * but to close a file. */
const REFUSED: Readonly<Record<ErrorCode, RegExp>> = {
  ENOSPC: /^(write|writev|writeFile|appendFile|mkdir|open|link|rename|datasync|fdatasync|fsync|sync)$/,
  EACCES: /^(open|mkdir|link|rename|unlink|rm|readdir|access|chmod)$/,
  EIO: /^(?!close$)/,
};

/** @param name of the operation, with or without `Sync` */
export const isRefusable = (code: ErrorCode, name: string): boolean =>
  REFUSED[code].test(name.replace(/Sync$/, '').replace(/^.*\./, ''));
