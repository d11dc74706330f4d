import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { copyRange } from '../files/byte-range.ts';
import type { FileSystem } from '../files/file-system.ts';
import { errorCode } from './errors.ts';
import type { FileIdentity } from './reopen.ts';
import { storageConflict } from './storage-failure.ts';

async function copyContent(
  from: FileHandle,
  to: FileHandle,
  path: string,
  end: number,
): Promise<FileIdentity> {
  await copyRange(from, to, 0, end);
  const { size, dev, ino } = await to.stat();
  if (size !== end) throw storageConflict(path, 'it was removed, and somebody else shortened what was in it');
  await to.sync();
  return { dev, ino };
}

/** A link fails where a rename would overwrite, and shows nobody half a file. */
async function giveName(partial: string, path: string, files: FileSystem): Promise<void> {
  await files.link(partial, path).catch((error) => {
    if (errorCode(error) !== 'EEXIST') throw error;
    throw storageConflict(path, 'another file has taken its place');
  });
}

/**
 * Gives a removed file back its name, from the descriptor that still holds the content, byte for byte. The directory
 * has to be there; the name is not durable yet.
 * @param end how much of it is to be copied
 * @returns the copy, open for reading and appending
 * @throws RolloutError `storage_conflict` when there is another file by now
 */
export async function recreateFile(
  removed: FileHandle,
  path: string,
  end: number,
  files: FileSystem,
): Promise<{ readonly file: FileHandle; readonly identity: FileIdentity }> {
  const { O_CREAT, O_EXCL, O_APPEND, O_RDWR } = constants;
  const partial = join(dirname(path), `.${basename(path)}.${randomUUID()}.partial`);
  const copy = await files.open(partial, O_CREAT | O_EXCL | O_APPEND | O_RDWR, 0o600);
  try {
    const identity = await copyContent(removed, copy, path, end);
    await giveName(partial, path, files);
    return { file: copy, identity };
  } catch (error) {
    await copy.close();
    throw error;
  } finally {
    await files.rm(partial, { force: true }).catch(() => undefined);
  }
}
