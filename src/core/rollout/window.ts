import type { FileSystem } from '../files/file-system.ts';
import { visitEntries } from './directory.ts';
import { type Cursor, type NamedFile, newestFiles, precedes } from './newest.ts';
import { versionOf } from './settled-version.ts';

/** Some files of a directory that follow each other in a list. */
export interface Window {
  readonly names: readonly NamedFile[];
  /** False when more files may follow. */
  readonly isLast: boolean;
}

interface Remembered extends Window {
  readonly after: Cursor;
  readonly version: string;
}

/** Files of a directory looked at together, unless the page is larger. */
const WINDOW = 1024;

/** Directories whose last window is remembered; smaller ones are read faster than they are worth. */
const REMEMBERED_DIRECTORIES = 8;

const remembered = new Map<string, Remembered>();

function remember(directory: string, window: Remembered): void {
  remembered.delete(directory);
  remembered.set(directory, window);
  for (const oldest of remembered.keys()) {
    if (remembered.size <= REMEMBERED_DIRECTORIES) return;
    remembered.delete(oldest);
  }
}

/** What the remembered window holds after the cursor, if it is certain to hold what comes next. */
function recall(directory: string, version: string, after: Cursor): Window | undefined {
  const window = remembered.get(directory);
  if (window === undefined || window.version !== version) return undefined;
  if (window.after !== undefined && (after === undefined || precedes(after, window.after))) return undefined;
  const names = after === undefined ? window.names : window.names.filter((name) => precedes(after, name));
  return names.length > 0 || window.isLast ? { names, isLast: window.isLast } : undefined;
}

/**
 * The files of a directory that come next in a list after the cursor.
 * @param pageSize how many of them the caller may want
 * @throws what the file system throws
 */
export async function readWindow(
  directory: string,
  after: Cursor,
  pageSize: number,
  files: FileSystem,
): Promise<Window> {
  const { version, isSettled } = versionOf(files.statSync(directory, { bigint: true }));
  const known = recall(directory, version, after);
  if (known !== undefined) return known;
  const newest = newestFiles(Math.max(WINDOW, pageSize), after);
  let entries = 0;
  await visitEntries(
    directory,
    (entry) => {
      entries += 1;
      if (entry.isFile()) newest.add(entry.name);
    },
    files,
  );
  const { names, isWhole } = newest.take();
  if (isSettled && entries > WINDOW) {
    const isLast = isWhole && names.length <= WINDOW;
    remember(directory, { names: names.slice(0, WINDOW), isLast, after, version });
  }
  return { names, isLast: isWhole };
}
