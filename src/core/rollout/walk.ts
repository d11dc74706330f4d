import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { visitEntries } from './directory.ts';
import { errorCode, toRolloutError } from './errors.ts';
import { type Cursor, compareNames } from './newest.ts';
import {
  archiveDirectory,
  normaliseId,
  parseRolloutName,
  type RolloutName,
  sessionsDirectory,
} from './path.ts';
import { readWindow, type Window } from './window.ts';

export interface RolloutFile extends RolloutName {
  readonly path: string;
}

export interface WalkOptions {
  readonly after?: Cursor;
  /** How many files the caller may want, so that as many are looked at together. */
  readonly pageSize?: number;
  readonly files?: FileSystem;
}

/** Failures after which a directory counts as empty. */
type Tolerance = ReadonlySet<string | undefined>;

/** Nothing is in it, or nothing that is for us. */
const EMPTY: Tolerance = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP']);

/** One directory that is damaged or out of reach must not hide the others. */
const ONE_OF_MANY: Tolerance = new Set([...EMPTY, 'EIO', 'ESTALE', 'EUCLEAN', 'ENAMETOOLONG']);

async function tolerating<T>(
  tolerance: Tolerance,
  directory: string,
  nothing: T,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (tolerance.has(errorCode(error))) return nothing;
    throw toRolloutError(error, `cannot list ${directory}`);
  }
}

/** The names of subdirectories that are numbers up to `largest`, highest first; links are not followed. */
async function numberedDirectories(
  directory: string,
  largest: number,
  tolerance: Tolerance,
  files: FileSystem,
): Promise<string[]> {
  const names: string[] = [];
  const visit = (entry: Dirent): void => {
    const isNumber = /^\d+$/.test(entry.name) && Number(entry.name) <= largest;
    if (isNumber && entry.isDirectory()) names.push(entry.name);
  };
  await tolerating(tolerance, directory, undefined, () => visitEntries(directory, visit, files));
  return names.sort((a, b) => Number(b) - Number(a) || (a < b ? 1 : -1));
}

/** The directories' names have to fit the number types of the reference (16 bits for the year, 8 for the others). */
const LARGEST = [0xffff, 0xff, 0xff] as const;

/** The directories of days below `directory`, latest first. */
async function* dayDirectories(
  directory: string,
  after: Cursor,
  files: FileSystem,
  above: readonly number[] = [],
): AsyncGenerator<string> {
  const largest = LARGEST[above.length];
  if (largest === undefined) return yield directory;
  const tolerance = above.length === 0 ? EMPTY : ONE_OF_MANY;
  for (const name of await numberedDirectories(directory, largest, tolerance, files)) {
    const date = [...above, Number(name)];
    if (after === undefined || !isLaterThan(date, after))
      yield* dayDirectories(join(directory, name), after, files, date);
  }
}

/** True when the year, or month, or day lies wholly after the day of the cursor, so that all of it was listed. */
function isLaterThan(date: readonly number[], { timestamp }: RolloutName): boolean {
  const day = timestamp.slice(0, 10).split('-').map(Number);
  const different = date.findIndex((number, index) => number !== day[index]);
  return different >= 0 && (date[different] ?? 0) > (day[different] ?? 0);
}

const NOTHING: Window = { names: [], isLast: true };

/** The rollouts of one directory: timestamp and UUID descending. */
async function* rolloutsIn(
  directory: string,
  tolerance: Tolerance,
  options: WalkOptions,
): AsyncGenerator<RolloutFile> {
  const { pageSize = 1, files = realFileSystem } = options;
  for (let after = options.after; ; ) {
    const from = after;
    const read = (): Promise<Window> => readWindow(directory, from, pageSize, files);
    const { names, isLast } = await tolerating(tolerance, directory, NOTHING, read);
    for (const { timestamp, id, fileName } of names) yield { timestamp, id, path: join(directory, fileName) };
    if (isLast) return;
    after = names.at(-1);
  }
}

/**
 * The files below `sessions/` that a list shows after the cursor: year, month and day descending, then timestamp and
 * UUID descending. Once past the cursor's place it is not looked at again, as in the reference.
 * @throws RolloutError when a directory cannot be listed
 */
export async function* activeRollouts(
  codexHome: string,
  options: WalkOptions = {},
): AsyncGenerator<RolloutFile> {
  const { files = realFileSystem } = options;
  let { after } = options;
  for await (const day of dayDirectories(sessionsDirectory(codexHome), after, files))
    for await (const file of rolloutsIn(day, ONE_OF_MANY, { ...options, after, files })) {
      after = undefined;
      yield file;
    }
}

/** The files in `archived_sessions/` after the cursor: timestamp and UUID descending. */
export async function* archivedRollouts(
  codexHome: string,
  options: WalkOptions = {},
): AsyncGenerator<RolloutFile> {
  yield* rolloutsIn(archiveDirectory(codexHome), EMPTY, options);
}

/** Length of the last part of a UUID, which is the same with and without hyphens, and of what follows it. */
const TAIL = [-'123456789abc.jsonl'.length, -'.jsonl'.length] as const;

/** The first of the directory's files with this id; the names are all that is looked at. */
async function findIn(
  directory: string,
  id: string,
  tolerance: Tolerance,
  files: FileSystem,
): Promise<RolloutFile | undefined> {
  const found: RolloutFile[] = [];
  const tail = id.slice(-12);
  const visit = (entry: Dirent): void => {
    if (entry.name.slice(...TAIL).toLowerCase() !== tail || !entry.isFile()) return;
    const name = parseRolloutName(entry.name);
    if (name?.id === id) found.push({ ...name, path: join(directory, entry.name) });
  };
  await tolerating(tolerance, directory, undefined, () => visitEntries(directory, visit, files));
  return found.sort(compareNames)[0];
}

/** The latest file below `sessions/` of the conversation with this id. */
export async function findActive(
  codexHome: string,
  id: string,
  files: FileSystem = realFileSystem,
): Promise<RolloutFile | undefined> {
  const wanted = normaliseId(id);
  if (wanted === undefined) return undefined;
  for await (const day of dayDirectories(sessionsDirectory(codexHome), undefined, files)) {
    const found = await findIn(day, wanted, ONE_OF_MANY, files);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The latest file in `archived_sessions/` of the conversation with this id. */
export async function findArchived(
  codexHome: string,
  id: string,
  files: FileSystem = realFileSystem,
): Promise<RolloutFile | undefined> {
  const wanted = normaliseId(id);
  return wanted === undefined ? undefined : findIn(archiveDirectory(codexHome), wanted, EMPTY, files);
}
