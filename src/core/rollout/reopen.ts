import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { writeAll } from '../files/byte-range.ts';
import type { FileSystem } from '../files/file-system.ts';
import { isSameFile, type Written } from './appender.ts';
import { openRegularFile } from './regular-file.ts';
import { storageConflict } from './storage-failure.ts';

export interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
}

async function openSame(
  path: string,
  identity: FileIdentity,
  flags: number,
  files: FileSystem,
): Promise<FileHandle> {
  const file = await openRegularFile(path, flags, files);
  try {
    if (isSameFile(await file.stat(), identity)) return file;
    throw storageConflict(path, 'another file has taken its place');
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Another descriptor of the same file, for reading and appending. */
export const reopenFile = (path: string, identity: FileIdentity, files: FileSystem): Promise<FileHandle> =>
  openSame(path, identity, constants.O_RDWR | constants.O_APPEND, files);

/**
 * Writes records once more where they already are. All of them: after a failed sync the page cache may still show what
 * never reached the disk, and no later sync would care for it, so that reading back proves nothing.
 */
export async function rewrite(
  path: string,
  identity: FileIdentity,
  records: readonly Written[],
  files: FileSystem,
): Promise<void> {
  const [first] = records;
  if (first === undefined) return;
  // Not the appending descriptor: with O_APPEND the system ignores positions.
  await using file = await openSame(path, identity, constants.O_RDWR, files);
  if ((await file.stat()).size < first.start) throw storageConflict(path, 'somebody else shortened the file');
  for (const { start, chunks } of records) {
    let position = start;
    for (const chunk of chunks) {
      await writeAll(file, chunk, position);
      position += chunk.length;
    }
  }
}
