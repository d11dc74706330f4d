import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, mkdir, open, realpath, rm, unlink } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import { errorCode, RolloutError, toRolloutError } from './errors.ts';
import { type RolloutHead, readHead } from './head.ts';
import { archiveDirectory, sessionsDirectory } from './path.ts';
import { openRegularFile, syncDirectory } from './regular-file.ts';

const LONGEST_PATH = 4096;

/** True for the directory itself, too. */
function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

async function realPathOf(path: string): Promise<string | undefined> {
  if (!isAbsolute(path) || path.includes('\0') || path.length > LONGEST_PATH) return undefined;
  return realpath(path).catch(() => undefined);
}

async function pathInSessions(codexHome: string, path: string): Promise<string | undefined> {
  const sessions = await realPathOf(sessionsDirectory(codexHome));
  const real = await realPathOf(path);
  const isOurs = real !== undefined && sessions !== undefined && isInside(sessions, real);
  return isOurs ? real : undefined;
}

async function headOf(path: string): Promise<RolloutHead | undefined> {
  return readHead(path).catch((error) => {
    if (error instanceof RolloutError && error.fault === 'not_a_file') return undefined;
    throw toRolloutError(error, `cannot read ${path}`);
  });
}

/** A file that says nothing about its id is taken at its name. */
async function belongsTo(path: string, id: string): Promise<boolean> {
  if (!basename(path).endsWith(`${id}.jsonl`)) return false;
  const head = await headOf(path);
  return head !== undefined && (head.meta === undefined || head.meta.id === id);
}

const outsideSessions = (path: string): RolloutError =>
  new RolloutError('outside_sessions', `rollout path \`${path}\` must be in sessions directory`);

/**
 * The real path of an active conversation's file (protocol-v1, section 18).
 * @param path as the client gave it; it is part of the messages
 * @throws RolloutError `outside_sessions`, then `id_mismatch`, with the reference's messages; `io` when the file
 *   cannot be read
 */
export async function checkRolloutPath(
  codexHome: string,
  path: string,
  conversationId: string,
): Promise<string> {
  const id = conversationId.toLowerCase();
  const real = await pathInSessions(codexHome, path);
  if (real === undefined) throw outsideSessions(path);
  if (!(await belongsTo(real, id)))
    throw new RolloutError('id_mismatch', `rollout path \`${path}\` does not match conversation id ${id}`);
  return real;
}

/** Copies under a name of its own first, so that the destination is never seen half-written. */
async function copyTo(source: string, destination: string): Promise<void> {
  const partial = join(dirname(destination), `.${basename(destination)}.${randomUUID()}.partial`);
  await using original = await openRegularFile(source, constants.O_RDONLY | constants.O_NOFOLLOW);
  await using copy = await open(partial, 'wx', 0o600);
  try {
    await copy.writeFile(original.createReadStream({ autoClose: false }));
    await copy.sync();
    await link(partial, destination);
  } finally {
    await rm(partial, { force: true });
  }
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([lstat(a), lstat(b)]);
  return first.dev === second.dev && first.ino === second.ino;
}

/** Gives the file its second name; a link fails where a rename would overwrite. */
async function addName(source: string, destination: string): Promise<void> {
  try {
    await link(source, destination);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EXDEV') return copyTo(source, destination);
    // A move that a crash cut short left both names; it only has to be finished.
    if (code === 'EEXIST' && (await isSameFile(source, destination))) return;
    throw error;
  }
}

/** The path was checked a while ago; somebody may have put a link in its place since. */
async function requireUnchanged(codexHome: string, path: string): Promise<void> {
  const isStill = (await pathInSessions(codexHome, path)) === path && (await lstat(path)).isFile();
  if (!isStill) throw outsideSessions(path);
}

/** Gives up a link that replaced the file in the very moment of the move. */
async function requireMoved(path: string, destination: string): Promise<void> {
  if ((await lstat(destination)).isFile()) return;
  await unlink(destination);
  throw outsideSessions(path);
}

function moveFailure(error: unknown, path: string): RolloutError {
  const failure = toRolloutError(error);
  if (failure.code === 'EEXIST')
    return new RolloutError('exists', failure.message, { code: 'EEXIST', cause: error });
  return failure.code === 'ENOENT' ? outsideSessions(path) : failure;
}

/**
 * Moves a file to `$CODEX_HOME/archived_sessions/`, durably, never over another one. At any moment, also after a
 * crash, the file is whole under its old or its new name.
 * @param path what {@link checkRolloutPath} gave
 * @returns the new path
 * @throws RolloutError `exists` when the destination is taken, `outside_sessions` when the path now leads elsewhere
 */
export async function moveToArchive(codexHome: string, path: string): Promise<string> {
  const directory = archiveDirectory(codexHome);
  const destination = join(directory, basename(path));
  try {
    await requireUnchanged(codexHome, path);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await addName(path, destination);
    await requireMoved(path, destination);
    await syncDirectory(directory);
    await unlink(path);
    await syncDirectory(dirname(path));
    return destination;
  } catch (error) {
    throw moveFailure(error, path);
  }
}
