import type { FileHandle } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { copyRange } from '../files/byte-range.ts';
import type { FileSystem } from '../files/file-system.ts';
import { makeDirectoryOf, syncNames } from './new-names.ts';

/** Where bytes are kept that have no place in their rollout any more. */
export interface RecoveredPlace {
  readonly directory: string;
  /** The rollout that they come from. */
  readonly path: string;
  /** Last part of the name: what they are. */
  readonly kind: 'tail' | 'conflict';
}

/**
 * Keeps the bytes from `start` to `end` as `<file>.<time>.<kind>`, readable by the owner only, and durable.
 * @returns the path of the copy
 */
export async function saveRange(
  file: FileHandle,
  range: { readonly start: number; readonly end: number },
  { directory, path, kind }: RecoveredPlace,
  files: FileSystem,
): Promise<string> {
  const time = new Date().toISOString().replaceAll(':', '-');
  const savedTo = join(directory, `${basename(path)}.${time}.${kind}`);
  const newNames = await makeDirectoryOf(savedTo, files);
  await using copy = await files.open(savedTo, 'wx', 0o600);
  await copyRange(file, copy, range.start, range.end);
  await copy.sync();
  await syncNames(newNames, files);
  return savedTo;
}
