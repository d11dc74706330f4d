import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { RolloutError, toRolloutError } from './errors.ts';

async function requireRegular(file: FileHandle): Promise<void> {
  const stats = await file.stat();
  if (stats.isFile()) return;
  if (stats.isDirectory())
    throw new RolloutError('not_a_file', 'Is a directory (os error 21)', { code: 'EISDIR' });
  throw new RolloutError('not_a_file', 'not a regular file');
}

/** @throws RolloutError for what no file can be called, in the reference's words */
export function requireName(path: string): void {
  if (path.includes('\0')) throw new RolloutError('io', 'file name contained an unexpected NUL byte');
}

/**
 * Opens a file that must already be there. Never waits on a pipe or a device: those are refused.
 * @throws RolloutError with the reference's wording
 */
export async function openRegularFile(
  path: string,
  flags: number,
  files: FileSystem = realFileSystem,
): Promise<FileHandle> {
  requireName(path);
  const file = await files.open(path, flags | constants.O_NONBLOCK).catch((error) => {
    throw toRolloutError(error);
  });
  try {
    await requireRegular(file);
    return file;
  } catch (error) {
    await file.close();
    throw toRolloutError(error);
  }
}

/** Makes names that were added to or removed from a directory survive a power cut. */
export async function syncDirectory(path: string, files: FileSystem = realFileSystem): Promise<void> {
  const fd = files.openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await files.fsync(fd);
  } finally {
    files.closeSync(fd);
  }
}
