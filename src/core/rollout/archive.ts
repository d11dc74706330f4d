import { basename, dirname, isAbsolute, join } from 'node:path';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { findRollout } from './catalog.ts';
import { pathInside } from './contained-path.ts';
import { makeDirectory } from './directory.ts';
import { errorCode, RolloutError, toRolloutError } from './errors.ts';
import { readMeta } from './head.ts';
import { type Move, moveFile } from './move.ts';
import { archiveDirectory, placeInSessions, sessionsDirectory } from './path.ts';

/** A file that says nothing about its id is taken at its name. */
async function belongsTo(path: string, id: string, files: FileSystem): Promise<boolean> {
  if (!basename(path).endsWith(`${id}.jsonl`)) return false;
  try {
    const meta = await readMeta(path, files);
    return meta === undefined || meta.id === id;
  } catch (error) {
    if (error instanceof RolloutError && error.fault === 'not_a_file') return false;
    throw toRolloutError(error, `cannot read ${path}`);
  }
}

const outside = (path: string, directory: string): RolloutError =>
  new RolloutError('outside_sessions', `rollout path \`${path}\` must be in ${directory} directory`);

const outsideSessions = (path: string): RolloutError => outside(path, 'sessions');
const outsideArchive = (path: string): RolloutError => outside(path, 'archived_sessions');

async function requireOwner(real: string, path: string, id: string, files: FileSystem): Promise<void> {
  if (await belongsTo(real, id, files)) return;
  throw new RolloutError('id_mismatch', `rollout path \`${path}\` does not match conversation id ${id}`);
}

/**
 * The real path of an active conversation's file (protocol-v1, section 18).
 * @param path as the client gave it; it is part of the messages
 * @throws RolloutError `outside_sessions` or `already_archived`, then `id_mismatch`, with the reference's messages; `io`
 *   when the file cannot be read
 */
export async function checkRolloutPath(
  codexHome: string,
  path: string,
  conversationId: string,
  files: FileSystem = realFileSystem,
): Promise<string> {
  const real = await pathInside(sessionsDirectory(codexHome), path, files);
  const id = conversationId.toLowerCase();
  if (real === undefined) throw await notActive(codexHome, path, id, files);
  await requireOwner(real, path, id, files);
  return real;
}

/** In the words of the reference also when the reason is that the file has been moved already. */
async function notActive(
  codexHome: string,
  path: string,
  id: string,
  files: FileSystem,
): Promise<RolloutError> {
  const error = outsideSessions(path);
  const archive = archiveDirectory(codexHome);
  const moved = await pathInside(archive, join(archive, basename(path)), files);
  const isMoved = moved !== undefined && moved !== archive && (await belongsTo(moved, id, files));
  return isMoved ? new RolloutError('already_archived', error.message) : error;
}

async function findArchivedPath(codexHome: string, id: string, files: FileSystem): Promise<string> {
  const found = await findRollout(codexHome, id, files);
  if (found === undefined) throw new RolloutError('not_found', `conversation not found: ${id}`);
  if (!found.archived) throw new RolloutError('not_archived', `conversation ${id} is not archived`);
  return found.path;
}

const exists = (path: string, files: FileSystem): Promise<boolean> =>
  files.stat(path).then(
    () => true,
    (error) => errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR',
  );

async function requireArchived(codexHome: string, path: string, files: FileSystem): Promise<string> {
  const real = await pathInside(archiveDirectory(codexHome), path, files);
  if (real !== undefined) return real;
  if (isAbsolute(path) && !(await exists(path, files)))
    throw new RolloutError('not_found', `rollout path \`${path}\` not found`);
  if ((await pathInside(sessionsDirectory(codexHome), path, files)) === undefined) throw outsideArchive(path);
  throw new RolloutError('not_archived', `rollout path \`${path}\` is not archived`);
}

/**
 * The real path of an archived conversation's file.
 * @param path as the client gave it; it is part of the messages; without it the file is found by its name
 * @throws RolloutError `not_found` or `not_archived`, `outside_sessions` for a path in neither directory, `id_mismatch`
 *   when the file is another conversation's or its name has no place in `sessions`, `io` when it cannot be read
 */
export async function checkArchivedPath(
  codexHome: string,
  path: string | undefined,
  conversationId: string,
  files: FileSystem = realFileSystem,
): Promise<string> {
  const id = conversationId.toLowerCase();
  const given = path ?? (await findArchivedPath(codexHome, id, files));
  const real = await requireArchived(codexHome, given, files);
  await requireOwner(real, given, id, files);
  if (placeInSessions(codexHome, basename(real)) === undefined) throw namedOtherwise(given);
  return real;
}

const namedOtherwise = (path: string): RolloutError =>
  new RolloutError('id_mismatch', `rollout path \`${path}\` has no time of creation in its name`);

/** The path was checked a while ago; somebody may have put a link in its place since. */
async function isUnchanged(directory: string, path: string, files: FileSystem): Promise<boolean> {
  return (await pathInside(directory, path, files)) === path && files.lstatSync(path).isFile();
}

function moveFailure(error: unknown, gone: RolloutError): RolloutError {
  const failure = toRolloutError(error);
  if (failure.code === 'EEXIST')
    return new RolloutError('exists', failure.message, { code: 'EEXIST', cause: error });
  return failure.code === 'ENOENT' || failure.fault === 'not_a_file' ? gone : failure;
}

async function move(codexHome: string, plan: Move, gone: RolloutError, files: FileSystem): Promise<string> {
  try {
    if (!(await isUnchanged(plan.fromRoot, plan.from, files))) throw gone;
    const directory = dirname(plan.to);
    await makeDirectory(directory, codexHome, files);
    if ((await pathInside(plan.toRoot, directory, files)) === undefined)
      throw new RolloutError('io', `${directory} leads out of ${plan.toRoot}`);
    await moveFile(plan, files);
    return plan.to;
  } catch (error) {
    throw moveFailure(error, gone);
  }
}

/**
 * Moves a file to `$CODEX_HOME/archived_sessions/`, durably, never over another one ({@link moveFile}).
 * @param path what {@link checkRolloutPath} gave
 * @returns the new path
 * @throws RolloutError `exists` when the destination is taken or somebody else moves the file right now,
 *   `outside_sessions` when the path now leads elsewhere
 */
export async function moveToArchive(
  codexHome: string,
  path: string,
  files: FileSystem = realFileSystem,
): Promise<string> {
  const [fromRoot, toRoot] = [sessionsDirectory(codexHome), archiveDirectory(codexHome)];
  const plan = { from: path, to: join(toRoot, basename(path)), fromRoot, toRoot };
  return move(codexHome, plan, outsideSessions(path), files);
}

/**
 * Moves a file from the archive to the day below `$CODEX_HOME/sessions/` that its name tells, in the same way.
 * @param path what {@link checkArchivedPath} gave
 * @returns the new path
 * @throws RolloutError `exists`, `outside_sessions` and `id_mismatch` as above
 */
export async function moveToSessions(
  codexHome: string,
  path: string,
  files: FileSystem = realFileSystem,
): Promise<string> {
  const [fromRoot, toRoot] = [archiveDirectory(codexHome), sessionsDirectory(codexHome)];
  const to = placeInSessions(codexHome, basename(path));
  if (to === undefined) throw namedOtherwise(path);
  return move(codexHome, { from: path, to, fromRoot, toRoot }, outsideArchive(path), files);
}
