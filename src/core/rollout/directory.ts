import type { Dirent } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { pause } from './pause.ts';
import { syncDirectory } from './regular-file.ts';

/** As many as one system call gives. */
const ENTRIES_AT_ONCE = 256;

/**
 * Shows every entry of a directory to `visit`, in no order, holding few of them at a time. Reading without waiting is
 * twice as fast as asking the thread pool; the pauses keep a directory of 100,000 files from stopping everything else.
 */
export async function visitEntries(
  directory: string,
  visit: (entry: Dirent) => void,
  files: FileSystem,
): Promise<void> {
  const opened = files.opendirSync(directory, { bufferSize: ENTRIES_AT_ONCE });
  try {
    for (let entry = opened.readSync(); entry !== null; entry = opened.readSync()) {
      visit(entry);
      const rest = pause();
      if (rest !== undefined) await rest;
    }
  } finally {
    opened.closeSync();
  }
}

/** The directories that were made or found durable here, by path, with what tells another one at the same path apart. */
const durable = new WeakMap<FileSystem, Map<string, string>>();

/**
 * Makes a directory and those above it, readable by their owner only, so that they survive a power cut. Those that are
 * there already may have been made by an attempt that failed before it got to that, so all are synced, once.
 * @param top contains the highest directory that may be missing
 */
export async function makeDirectory(
  path: string,
  top: string,
  files: FileSystem = realFileSystem,
): Promise<void> {
  const known = durable.get(files) ?? new Map<string, string>();
  durable.set(files, known);
  const before = known.get(path);
  if (before !== undefined && before === identityOf(path, files)) return;
  await files.mkdir(path, { recursive: true, mode: 0o700 });
  const identity = identityOf(path, files);
  const highest = resolve(top);
  for (let current = resolve(path); current !== highest; current = dirname(current))
    await syncDirectory(dirname(current), files);
  if (identity !== undefined) known.set(path, identity);
}

function identityOf(path: string, files: FileSystem): string | undefined {
  const stats = files.statSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() ? `${stats.dev} ${stats.ino} ${stats.birthtimeMs}` : undefined;
}
