import { constants } from 'node:fs';
import type { FileSystem } from '../files/file-system.ts';
import { openRegularFile } from './regular-file.ts';

/**
 * Copies a file to another file system, durably, never over another one. It is written under a name of its own first,
 * so that the destination is never seen half-written.
 * @throws what the file system throws; `EEXIST` when the destination is taken
 */
export async function copyAs(
  source: string,
  destination: string,
  partial: string,
  files: FileSystem,
): Promise<void> {
  await using original = await openRegularFile(source, constants.O_RDONLY | constants.O_NOFOLLOW, files);
  await using copy = await files.open(partial, 'wx', 0o600);
  try {
    await copy.writeFile(original.createReadStream({ autoClose: false }));
    await copy.sync();
    await files.link(partial, destination);
  } finally {
    await files.rm(partial, { force: true });
  }
}
