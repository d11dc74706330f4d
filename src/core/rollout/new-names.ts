import { basename, dirname, resolve } from 'node:path';
import { allDone } from '../all-done.ts';
import type { FileSystem } from '../files/file-system.ts';
import { errorCode } from './errors.ts';
import { syncDirectory } from './regular-file.ts';

/** Makes the directory of a file and those above it, readable by their owner only. */
export async function makeDirectoryOf(path: string, files: FileSystem): Promise<readonly string[]> {
  const directory = dirname(resolve(path));
  const firstCreated = await files.mkdir(directory, { recursive: true, mode: 0o700 });
  return changedDirectories(directory, firstCreated);
}

/** The directory itself and those above it whose entries changed when it was made. */
function changedDirectories(directory: string, firstCreated: string | undefined): readonly string[] {
  if (firstCreated === undefined) return [directory];
  const changed = [directory];
  for (let current = directory; current !== dirname(firstCreated); current = dirname(current))
    changed.push(dirname(current));
  return changed;
}

const ROOTS: ReadonlySet<string> = new Set(['sessions', 'archived_sessions']);

/**
 * The directories with the names that lead to an existing file. Whoever made it, another program or a daemon that was
 * killed, may not have made them durable.
 */
export function namesAbove(path: string): readonly string[] {
  const directory = dirname(resolve(path));
  const above = [directory];
  for (let current = directory; current !== dirname(current); current = dirname(current)) {
    above.push(dirname(current));
    if (ROOTS.has(basename(current))) return above;
  }
  return [directory];
}

/** Makes the names in the directories durable; what is in a directory that was removed needs no name there. */
export async function syncNames(directories: readonly string[], files: FileSystem): Promise<void> {
  await allDone(directories.map((directory) => syncName(directory, files)));
}

async function syncName(directory: string, files: FileSystem): Promise<void> {
  await syncDirectory(directory, files).catch((error) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}
