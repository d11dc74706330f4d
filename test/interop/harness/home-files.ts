import { type Dirent, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Folders that belong to one implementation alone. */
export const PRIVATE_FOLDERS: ReadonlySet<string> = new Set(['codexd', 'log', 'tmp']);

/** What lies in a home, by path relative to it. */
export interface HomeFile {
  readonly path: string;
  /** `file`, `folder`, or where a link leads. */
  readonly kind: string;
}

/** Files and links below `home`, and folders that are empty. */
export function homeFiles(home: string): HomeFile[] {
  return walk(home, home).map(({ path, entry }) => ({
    path: relative(home, path),
    kind: entry.isSymbolicLink() ? `-> ${readlinkSync(path)}` : entry.isDirectory() ? 'folder' : 'file',
  }));
}

/** A number that changes when anything is written below `home`. */
export function homeSize(home: string): number {
  return walk(home, home).reduce((sum, { path, entry }) => sum + 1 + (entry.isFile() ? sizeOf(path) : 0), 0);
}

/** The lines of a rollout; a line that is not JSON as `{unparsable}`. */
export function rolloutLines(path: string): unknown[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        return JSON.parse(line);
      } catch {
        return { unparsable: line };
      }
    });
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function walk(folder: string, top: string): { path: string; entry: Dirent }[] {
  return entriesOf(folder).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (folder === top && PRIVATE_FOLDERS.has(entry.name)) return [];
    const inner = entry.isDirectory() ? walk(path, top) : [];
    return inner.length > 0 ? inner : [{ path, entry }];
  });
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // moved away while the walk was on
    return [];
  }
}
