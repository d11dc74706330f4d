import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { FileSystem } from '../files/file-system.ts';
import { errorCode, RolloutError, toRolloutError } from '../rollout/errors.ts';
import { statsOf } from '../rollout/same-file.ts';

/** Times that the file may vanish between its opening and locking; each time somebody else has just ended. */
const ATTEMPTS = 5;

/**
 * Opens a file that is there to be locked, and locks it. Other programs remove theirs when they end; a lock of a file
 * that has lost its name excludes nobody, so another attempt is made then.
 *
 * @param lock throws when somebody else has the lock
 * @returns `undefined` when there is no directory for the file
 * @throws RolloutError when it cannot be opened or is no regular file
 */
export async function openLocked(
  path: string,
  lock: (fd: number) => Promise<void>,
  files: FileSystem,
): Promise<FileHandle | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const file = await openLockFile(path, files);
    if (file === undefined || (await isLocked(path, file, lock, files))) return file;
    await file.close();
  }
  throw new RolloutError('io', `cannot lock ${path}: it is removed again and again`);
}

async function openLockFile(path: string, files: FileSystem): Promise<FileHandle | undefined> {
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    return await files.open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
    throw toRolloutError(error, `cannot lock ${path}`);
  }
}

async function isLocked(
  path: string,
  file: FileHandle,
  lock: (fd: number) => Promise<void>,
  files: FileSystem,
): Promise<boolean> {
  try {
    if (!(await file.stat()).isFile())
      throw new RolloutError('not_a_file', `cannot lock ${path}: not a regular file`);
    await lock(file.fd);
    return isFileAt(path, file, files);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Whether the open file still goes by that name. */
export function isFileAt(path: string, file: FileHandle, files: FileSystem): boolean {
  const named = statsOf(path, files);
  const open = files.fstatSync(file.fd);
  return named !== undefined && named.dev === open.dev && named.ino === open.ino;
}
