import { basename, dirname, join } from 'node:path';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { makeDirectory, visitEntries } from './directory.ts';
import { errorCode, type RolloutError, toRolloutError } from './errors.ts';
import { HIDDEN_NAME, removeName } from './move.ts';
import { archiveDirectory, parseRolloutName, placeInSessions, sessionsDirectory } from './path.ts';
import { isSameFile, statsOf } from './same-file.ts';
import { findActive } from './walk.ts';

export interface FinishedMoves {
  /** Where the files are now whose move was cut short. */
  readonly finished: readonly string[];
  /** What could not be finished, each with its path; the files are safe and shown once. */
  readonly failed: readonly RolloutError[];
}

async function namesIn(
  directory: string,
  files: FileSystem,
  isWanted: (name: string) => boolean,
): Promise<string[]> {
  const names: string[] = [];
  const visit = ({ name }: { name: string }): void => {
    if (isWanted(name)) names.push(name);
  };
  await visitEntries(directory, visit, files).catch((error) => {
    if (errorCode(error) !== 'ENOENT') throw toRolloutError(error, `cannot list ${directory}`);
  });
  return names;
}

async function isThere(path: string, hidden: string, files: FileSystem): Promise<boolean> {
  return isSameFile(hidden, path, files).catch((error) => {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  });
}

async function placeOf(
  hidden: string,
  places: readonly string[],
  files: FileSystem,
): Promise<string | undefined> {
  for (const place of places) if (await isThere(place, hidden, files)) return place;
  return undefined;
}

/** Gives a file that two moves hid from each other its name back, in the directory that it was found in. */
async function reveal(hidden: string, home: string, codexHome: string, files: FileSystem): Promise<string> {
  await makeDirectory(dirname(home), codexHome, files);
  await files.link(hidden, home);
  return home;
}

async function finishHidden(
  codexHome: string,
  root: string,
  name: string,
  files: FileSystem,
): Promise<string | undefined> {
  const [, fileName = '', kind] = HIDDEN_NAME.exec(name) ?? [];
  const hidden = join(root, name);
  if (kind === 'partial') {
    await files.rm(hidden, { force: true });
    return undefined;
  }
  const archived = join(archiveDirectory(codexHome), fileName);
  const active = placeInSessions(codexHome, fileName) ?? archived;
  const home = root === archiveDirectory(codexHome) ? archived : active;
  const place =
    (await placeOf(hidden, [archived, active], files)) ?? (await reveal(hidden, home, codexHome, files));
  await removeName(hidden, place, root, files);
  return place;
}

/** Other names of archived files below `sessions/`; the archive is where they stay. */
async function finishDouble(codexHome: string, name: string, files: FileSystem): Promise<string | undefined> {
  const archived = join(archiveDirectory(codexHome), name);
  const id = parseRolloutName(name)?.id ?? '';
  const places = [placeInSessions(codexHome, name), (await findActive(codexHome, id, files))?.path];
  for (const place of places) {
    if (place === undefined || basename(place) !== name) continue;
    if (!(await isThere(place, archived, files))) continue;
    await removeName(place, archived, sessionsDirectory(codexHome), files);
    return archived;
  }
  return undefined;
}

/** True for a file with two names, or one that may have been copied from another file system. */
function mayBeDouble(codexHome: string, name: string, files: FileSystem): boolean {
  const place = placeInSessions(codexHome, name);
  const archived = statsOf(join(archiveDirectory(codexHome), name), files);
  if (place === undefined || archived === undefined) return false;
  if (archived.nlink > 1) return true;
  const active = statsOf(place, files);
  return active !== undefined && active.dev !== archived.dev;
}

/**
 * Finishes the moves that the end of a process cut short, so that every conversation is one file in one place; a file
 * that is in both stays in the archive. For the start of the daemon: a move of another process that is under way at
 * that moment may fail, but nothing is lost.
 * @throws RolloutError when one of the two directories cannot be listed
 */
export async function finishMoves(
  codexHome: string,
  files: FileSystem = realFileSystem,
): Promise<FinishedMoves> {
  const finished: string[] = [];
  const failed: RolloutError[] = [];
  const attempt = async (path: string, finish: () => Promise<string | undefined>): Promise<void> => {
    try {
      const place = await finish();
      if (place !== undefined) finished.push(place);
    } catch (error) {
      failed.push(toRolloutError(error, `cannot finish the move of ${path}`));
    }
  };
  const archive = archiveDirectory(codexHome);
  for (const root of [sessionsDirectory(codexHome), archive])
    for (const name of await namesIn(root, files, (entry) => HIDDEN_NAME.test(entry)))
      await attempt(join(root, name), () => finishHidden(codexHome, root, name, files));
  for (const name of await namesIn(archive, files, (entry) => mayBeDouble(codexHome, entry, files)))
    await attempt(join(archive, name), () => finishDouble(codexHome, name, files));
  return { finished, failed };
}
