import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemErrorCode } from '../../daemon/operator-error.ts';
import { writePrivateFile } from '../../daemon/private-file.ts';

/** @returns `undefined` when there is no such file */
export async function readServiceFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Readable by the user alone, as the address of a proxy may hold a password. */
export async function writeServiceFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writePrivateFile(path, text);
}

export async function removeServiceFile(path: string): Promise<void> {
  await rm(path, { force: true });
}
