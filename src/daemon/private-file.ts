import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { OperatorError } from './operator-error.ts';
import { openPrivateFile } from './private-path.ts';
import { syncFolder } from './sync-folder.ts';

const MAX_BYTES = 64 * 1024;

/**
 * @returns the text of a file that only its owner may touch
 * @throws {OperatorError} when others may touch it or it is larger than 64 KiB
 * @throws the system error when it cannot be read, `ENOENT` among them
 */
export async function readPrivateFile(path: string): Promise<string> {
  const file = await openPrivateFile(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, 0);
    if (bytesRead > MAX_BYTES) throw new OperatorError(`${path} is larger than ${MAX_BYTES} bytes.`);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Replaces the file as a whole (mode 0600): no other process ever sees it empty, torn or readable by others. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(8).toString('hex')}.tmp`);
  try {
    await createDurably(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

async function createDurably(path: string, text: string): Promise<void> {
  const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
  const file = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  await closing(file, async () => {
    await file.writeFile(text);
    await file.sync();
  });
}

async function closing(file: FileHandle, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await file.close();
  }
}
