import path from 'node:path';
import type { FileChanges } from '../../protocol/vocabulary/event-parts.ts';
import { gitDiff } from './git-diff.ts';
import { findGitRoot } from './git-root.ts';
import { readTreeEntry, type TreeEntry } from './tree-entry.ts';

/** Follows the files that the patches of one turn touch. */
export interface TurnDiffTracker {
  /** To be called before each patch is applied; keeps what the files hold then if they are new to the turn. */
  track(changes: FileChanges): Promise<void>;
  /** The diff of those files since the turn began; `undefined` when nothing differs and no event is due. */
  diff(): Promise<string | undefined>;
}

interface TrackedFile {
  readonly originalPath: string;
  currentPath: string;
  readonly before: TreeEntry | undefined;
}

export function createTurnDiffTracker(): TurnDiffTracker {
  const files: TrackedFile[] = [];
  const byPath = new Map<string, TrackedFile>();
  return {
    async track(changes) {
      for (const [file, change] of Object.entries(changes)) {
        const tracked = byPath.get(path.normalize(file)) ?? (await startTracking(file, files));
        byPath.set(path.normalize(file), tracked);
        const destination = 'update' in change ? change.update.move_path : null;
        if (destination !== null) moveTracked(tracked, destination, byPath);
      }
    },
    async diff() {
      const compared = await Promise.all(files.map(compareFile));
      return joinDiffs(compared.toSorted((a, b) => compareText(a.name, b.name)).map(({ diff }) => diff));
    },
  };
}

async function startTracking(file: string, files: TrackedFile[]): Promise<TrackedFile> {
  const tracked = { originalPath: file, currentPath: file, before: await readTreeEntry(file) };
  files.push(tracked);
  return tracked;
}

function moveTracked(tracked: TrackedFile, destination: string, byPath: Map<string, TrackedFile>): void {
  byPath.delete(path.normalize(tracked.currentPath));
  tracked.currentPath = destination;
  byPath.set(path.normalize(destination), tracked);
}

async function compareFile({ originalPath, currentPath, before }: TrackedFile) {
  const oldName = await displayName(originalPath);
  const newName = await displayName(currentPath);
  const after = await readTreeEntry(currentPath);
  return { name: newName, diff: gitDiff({ oldName, newName, before, after }) };
}

/** Relative to the repository, or the absolute path when there is none. */
async function displayName(file: string): Promise<string> {
  const root = await findGitRoot(file);
  return root === undefined ? file : path.relative(root, file);
}

function compareText(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** A file without a difference that sorts first leaves an empty line at the top (observed). */
function joinDiffs(diffs: readonly string[]): string | undefined {
  const text = diffs.reduce((joined, diff) => endLine(joined + diff), '');
  return text.trim() === '' ? undefined : text;
}

function endLine(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
