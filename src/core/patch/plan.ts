import { stat } from 'node:fs/promises';
import type { FileChanges } from '../../protocol/vocabulary/event-parts.ts';
import { describeChanges } from './changes.ts';
import { editText } from './edit-text.ts';
import { PatchError } from './errors.ts';
import type { Hunk } from './hunk.ts';
import type { FileOperation, PatchPath } from './operations.ts';
import { parsePatch } from './parse.ts';
import { decodeText, describeReadError } from './read-text.ts';
import { joinPath } from './resolve-path.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';

/** A patch that has been checked against the files and can be applied whole. */
export interface PlannedPatch {
  /** None for an empty patch, which is well-formed but nothing to apply. */
  readonly operations: readonly FileOperation[];
  readonly changes: FileChanges;
  /** Every file that the operations name, as it was when the patch was checked. */
  readonly snapshots: readonly Snapshot[];
}

/** The files as they will be after the operations planned so far. */
interface Files {
  readonly snapshots: ReadonlyMap<string, Snapshot>;
  /** Path behind all links -> its new content, `undefined` when it will be gone. */
  readonly edited: Map<string, string | undefined>;
}

/**
 * Checks a patch against the files on disk, without touching any: every hunk must fit the files as they are, and as
 * the hunks before it leave them.
 * @param cwd absolute; where relative paths of the patch start
 * @throws {PatchError} when the patch is malformed or does not fit (protocol-v1, section 12)
 */
export async function planPatch(text: string, cwd: string): Promise<PlannedPatch> {
  const hunks = parsePatch(text);
  await requireDirectory(cwd);
  const locate = (name: string): PatchPath => ({ name, path: joinPath(cwd, name) });
  const snapshots = await takeSnapshots(hunks.flatMap(namesOf).map((name) => locate(name).path));
  for (const hunk of hunks) planHunk(hunk, locate, { snapshots, edited: new Map() });
  const files: Files = { snapshots, edited: new Map() };
  const operations = hunks.map((hunk) => planHunk(hunk, locate, files));
  return { operations, changes: describeChanges(operations), snapshots: [...snapshots.values()] };
}

async function requireDirectory(cwd: string): Promise<void> {
  try {
    if (!(await stat(cwd)).isDirectory()) throw new Error('Not a directory (os error 20)');
  } catch (error) {
    throw new PatchError(`Failed to enter ${cwd}: ${describeReadError(error)}`, { cause: error });
  }
}

function namesOf(hunk: Hunk): string[] {
  const names = hunk.type === 'update' && hunk.moveTo !== undefined ? [hunk.path, hunk.moveTo] : [hunk.path];
  const bad = names.find((name) => name.includes('\0'));
  if (bad !== undefined)
    throw new PatchError(`invalid patch: path ${JSON.stringify(bad)} contains a NUL byte`);
  return names;
}

async function takeSnapshots(paths: readonly string[]): Promise<Map<string, Snapshot>> {
  const snapshots = new Map<string, Snapshot>();
  for (const path of paths) {
    if (!snapshots.has(path)) snapshots.set(path, await takeSnapshot(path));
  }
  return snapshots;
}

function planHunk(hunk: Hunk, locate: (name: string) => PatchPath, files: Files): FileOperation {
  const file = locate(hunk.path);
  switch (hunk.type) {
    case 'add':
      files.edited.set(keyOf(file, files), hunk.content);
      return { type: 'add', file, content: hunk.content };
    case 'delete': {
      const { disk } = readBoth(file, files, 'Failed to read');
      files.edited.set(keyOf(file, files), undefined);
      return { type: 'delete', file, oldContent: disk };
    }
    case 'update': {
      const moveTo = hunk.moveTo === undefined ? undefined : locate(hunk.moveTo);
      return planUpdate(hunk, file, moveTo, files);
    }
  }
}

function planUpdate(
  hunk: Extract<Hunk, { type: 'update' }>,
  file: PatchPath,
  destination: PatchPath | undefined,
  files: Files,
): FileOperation {
  const { disk, current } = readBoth(file, files, 'Failed to read file to update');
  const content = editText(current, hunk.chunks, file.path);
  const source = keyOf(file, files);
  const target = destination ? keyOf(destination, files) : source;
  const moveTo = target === source ? undefined : destination;
  if (moveTo) files.edited.set(source, undefined);
  files.edited.set(target, content);
  return { type: 'update', file, oldContent: disk, content, moveTo };
}

/** Paths that lead to the same file have the same key. */
function keyOf({ path }: PatchPath, { snapshots }: Files): string {
  return snapshots.get(path)?.target ?? path;
}

/** The text of a file now and after the operations before this one; it must exist both times. */
function readBoth(file: PatchPath, files: Files, problem: string): { disk: string; current: string } {
  const fail = (error: unknown) =>
    new PatchError(`${problem} ${file.path}: ${describeReadError(error)}`, { cause: error });
  const content = files.snapshots.get(file.path)?.content;
  if (!content || 'error' in content) throw fail(content?.error);
  const disk = decodeText(content.bytes);
  if (disk === undefined) throw fail(new Error('stream did not contain valid UTF-8'));
  const key = keyOf(file, files);
  const current = files.edited.has(key) ? files.edited.get(key) : disk;
  if (current === undefined) throw fail(new Error('No such file or directory (os error 2)'));
  return { disk, current };
}
