import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, toRolloutError } from './errors.ts';
import { archiveDirectory, parseRolloutName, type RolloutName, sessionsDirectory } from './path.ts';

export interface RolloutFile extends RolloutName {
  readonly path: string;
}

/** A directory that vanished meanwhile, or that is not for us, must not hide the others. */
const UNREADABLE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM']);

async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch (error) {
    if (UNREADABLE.has(errorCode(error))) return [];
    throw toRolloutError(error, `cannot list ${directory}`);
  }
}

/** Subdirectories named by numbers up to `largest`, highest first; links are not followed. */
async function numberedDirectories(directory: string, largest: number): Promise<string[]> {
  const entries = await entriesOf(directory);
  return entries
    .filter((entry) => entry.isDirectory() && /^\d+$/.test(entry.name) && Number(entry.name) <= largest)
    .sort((a, b) => Number(b.name) - Number(a.name) || (a.name < b.name ? 1 : -1))
    .map((entry) => join(directory, entry.name));
}

/** True when `a` comes before `b` in a list: later timestamp first, then greater UUID. */
export function precedes(a: RolloutName, b: RolloutName): boolean {
  return a.timestamp === b.timestamp ? a.id > b.id : a.timestamp > b.timestamp;
}

async function rolloutsIn(directory: string): Promise<RolloutFile[]> {
  const entries = await entriesOf(directory);
  return entries
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      const name = parseRolloutName(entry.name);
      return name === undefined ? [] : [{ ...name, path: join(directory, entry.name) }];
    })
    .sort((a, b) => (precedes(a, b) ? -1 : 1));
}

/** The directories' names have to fit the number types of the reference (16 bits for the year, 8 for the others). */
const LARGEST_YEAR = 0xffff;
const LARGEST_PART = 0xff;

/** All files below `sessions/`: year, month and day descending, then timestamp and UUID descending. */
export async function* activeRollouts(codexHome: string): AsyncGenerator<RolloutFile> {
  for (const year of await numberedDirectories(sessionsDirectory(codexHome), LARGEST_YEAR))
    for (const month of await numberedDirectories(year, LARGEST_PART))
      for (const day of await numberedDirectories(month, LARGEST_PART)) yield* await rolloutsIn(day);
}

/** All files in `archived_sessions/`: timestamp and UUID descending. */
export async function* archivedRollouts(codexHome: string): AsyncGenerator<RolloutFile> {
  yield* await rolloutsIn(archiveDirectory(codexHome));
}
