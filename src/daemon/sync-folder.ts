import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Makes names that came into a folder, or went, survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  await folder.sync();
}
