import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileSystem } from '../files/file-system.ts';
import { copyAs } from './copy.ts';
import { errorCode, RolloutError } from './errors.ts';
import { syncDirectory } from './regular-file.ts';
import { isSameFile } from './same-file.ts';

export interface Move {
  readonly from: string;
  readonly to: string;
  /** Directories on the file systems of `from` and `to`, for names that nobody else uses. */
  readonly fromRoot: string;
  readonly toRoot: string;
}

/** Names of files that are about to lose another name; lists pass over them, `finishMoves` finds them. */
export const HIDDEN_NAME = /^\.(.+\.jsonl)\.[0-9a-f-]{36}\.(moving|partial)$/;

const hiddenPath = (directory: string, path: string, kind: 'moving' | 'partial'): string =>
  join(directory, `.${basename(path)}.${randomUUID()}.${kind}`);

/**
 * Removes one of a file's two names, never the last. The name is first made one that nobody else touches; only then
 * somebody who removes the other name at the same time cannot have missed it, and it is safe to look whether the other
 * one is still there.
 * @param root directory for the name in between
 * @throws `ENOENT` when somebody else has removed either name; `name` is as it was if it was the other one
 */
export async function removeName(
  name: string,
  other: string,
  root: string,
  files: FileSystem,
): Promise<void> {
  const hidden = hiddenPath(root, other, 'moving');
  files.renameSync(name, hidden);
  try {
    await requireSameFile(hidden, other, files);
    forget(hidden, files);
  } catch (error) {
    files.linkSync(hidden, name);
    forget(hidden, files);
    throw error;
  }
}

/** A start of another daemon may have finished the move, and removed the name, meanwhile. */
function forget(hidden: string, files: FileSystem): void {
  try {
    files.unlinkSync(hidden);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

async function requireSameFile(a: string, b: string, files: FileSystem): Promise<void> {
  if (await isSameFile(a, b, files)) return;
  throw new RolloutError('exists', `${b} is no longer the file that was moved there`);
}

/** How long somebody else's move may take between its two steps, in ms, before it counts as given up. */
const GIVEN_UP_AFTER_MS = 300;
const LOOK_EVERY_MS = 5;

/** Two names are a move under way, which whoever made the second name finishes, or one that its end cut short. */
async function isGivenUp({ from, to }: Move, files: FileSystem): Promise<boolean> {
  const deadline = performance.now() + GIVEN_UP_AFTER_MS;
  while (performance.now() < deadline) {
    await sleep(LOOK_EVERY_MS);
    if (!(await isSameFile(from, to, files))) return false;
  }
  return true;
}

/** How the file came by its second name. */
type Second = 'linked' | 'copied' | 'found';

/** A link fails where a rename would overwrite. */
async function addName(move: Move, files: FileSystem): Promise<Second> {
  const { from, to, toRoot } = move;
  try {
    files.linkSync(from, to);
    return 'linked';
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') return await findName(move, error, files);
    await copyAs(from, to, hiddenPath(toRoot, to, 'partial'), files);
    return 'copied';
  }
}

async function findName(move: Move, failure: unknown, files: FileSystem): Promise<Second> {
  const isOurs = errorCode(failure) === 'EEXIST' && (await isSameFile(move.from, move.to, files));
  if (isOurs && (await isGivenUp(move, files))) return 'found';
  throw failure;
}

/** Gives up a link that replaced the file in the very moment of the move. */
async function requireRegular(path: string, files: FileSystem): Promise<void> {
  if (files.lstatSync(path).isFile()) return;
  await files.unlink(path);
  throw new RolloutError('not_a_file', 'not a regular file');
}

/** Takes the second name back, so that somebody can try again. */
async function undo({ from, to, toRoot }: Move, second: Second, files: FileSystem): Promise<void> {
  try {
    // A copy of a file that has grown since is not the same file.
    if (second !== 'copied') await removeName(to, from, toRoot, files);
    else if ((await files.lstat(from)).isFile()) await files.unlink(to);
  } catch {
    // The failure that led here is what the caller is told; with two names the file is safe, the next attempt finishes.
  }
}

/**
 * Moves a file, durably, never over another one. At any moment, also after a crash, it is whole under its old or its new
 * name, or under both; when two move it at once, one of them does. Names are changed without waiting, since an errand to
 * the thread pool takes several times as long; syncs, which wait for the disk, are such errands.
 * @throws what the file system throws: `EEXIST` when the destination is taken or somebody else moves the file right
 *   now, `ENOENT` when somebody else has moved or removed it, {@link RolloutError} `not_a_file` when it became a link
 */
export async function moveFile(move: Move, files: FileSystem): Promise<void> {
  const { from, to, fromRoot } = move;
  const second = await addName(move, files);
  await requireRegular(to, files);
  try {
    await syncDirectory(dirname(to), files);
    await removeName(from, to, fromRoot, files);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') await undo(move, second, files);
    throw error;
  }
  await syncDirectory(dirname(from), files);
}
