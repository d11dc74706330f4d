import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OperatorError, systemErrorCode } from './operator-error.ts';
import { syncFolder } from './sync-folder.ts';

export type PathKind = 'file' | 'folder';

/**
 * Refuses anything that another user could have planted or can read: wrong kind, foreign owner, group or other
 * bits, a second hard link.
 *
 * @throws {OperatorError} names the path, what was found and how to mend it
 */
export function assertPrivate(path: string, stats: Stats, kind: PathKind): void {
  if (kind === 'file' ? !stats.isFile() : !stats.isDirectory()) {
    throw new OperatorError(`${path} is ${describeKind(stats)}; codexd needs a ${kind} there. Move it away.`);
  }
  const uid = process.geteuid?.();
  if (uid !== undefined && stats.uid !== uid) {
    throw new OperatorError(`${path} belongs to user ${stats.uid}, not to user ${uid} who runs codexd.`);
  }
  if ((stats.mode & 0o077) !== 0) {
    const wanted = kind === 'file' ? '600' : '700';
    throw new OperatorError(
      `${path} has mode ${octal(stats.mode)} and is open to other users. Run: chmod ${wanted} '${path}'`,
    );
  }
  if (kind === 'file' && stats.nlink !== 1) {
    throw new OperatorError(`${path} has ${stats.nlink} hard links; codexd accepts one only.`);
  }
}

/**
 * Opens a file that only its owner may touch, without following a symbolic link or waiting at a FIFO.
 *
 * @throws {OperatorError} when the check of {@link assertPrivate} fails
 * @throws the system error when the file cannot be opened, `ENOENT` among them
 */
export async function openPrivateFile(path: string): Promise<FileHandle> {
  assertPrivate(path, await lstat(path), 'file');
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    assertPrivate(path, await file.stat(), 'file');
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Makes the folder (mode 0700, parents are not made) unless it exists, and checks it.
 *
 * @throws {OperatorError} when it cannot be made or another user could reach into it
 */
export async function ensurePrivateFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
    // What is noted in there survives a power cut only if the folder does.
    await syncFolder(dirname(path));
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') {
      throw new OperatorError(`Cannot create ${path}: ${(error as Error).message}`, { cause: error });
    }
  }
  assertPrivate(path, await lstat(path), 'folder');
}

function describeKind(stats: Stats): string {
  if (stats.isSymbolicLink()) return 'a symbolic link';
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return stats.isFile() ? 'a file' : 'a device';
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}
