import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { readRange, writeAll } from '../files/byte-range.ts';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { RolloutError } from './errors.ts';
import { parseObject } from './line.ts';
import { MAX_LINE_BYTES } from './lines.ts';
import { saveRange } from './recovered.ts';

/** What was done about a last line without an end. */
export type TailRepair =
  | { readonly kind: 'completed'; readonly bytes: number }
  | { readonly kind: 'removed'; readonly bytes: number; readonly savedTo: string };

const BLOCK = 64 * 1024;
const NEWLINE = 0x0a;

/** Offset behind the last newline, 0 when there is none. */
async function endOfLastLine(file: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - BLOCK);
    const found = (await readRange(file, start, end)).lastIndexOf(NEWLINE);
    if (found >= 0) return start + found + 1;
    end = start;
  }
  return 0;
}

async function isWholeRecord(file: FileHandle, start: number, end: number): Promise<boolean> {
  if (end - start > MAX_LINE_BYTES) return false;
  const bytes = await readRange(file, start, end);
  return isUtf8(bytes) && parseObject(bytes.toString('utf8')) !== undefined;
}

/**
 * Makes the file end with a whole line, so that appended records stay readable. A last line that only lacks its end
 * gets it; a torn one is moved to `recoveredDirectory`. A file without a single line end is left as it is: it has no
 * record to go on from, and may not be a rollout at all.
 * @param file open for reading and appending
 * @returns nothing when there was nothing to repair
 * @throws RolloutError `no_session_meta` for a file without any whole line
 */
export async function repairTail(
  file: FileHandle,
  path: string,
  recoveredDirectory: string,
  files: FileSystem = realFileSystem,
): Promise<TailRepair | undefined> {
  const { size } = await file.stat();
  const start = await endOfLastLine(file, size);
  if (start === size) return undefined;
  const bytes = size - start;
  if (await isWholeRecord(file, start, size)) {
    await writeAll(file, Buffer.from('\n'), null);
    await file.sync();
    return { kind: 'completed', bytes };
  }
  if (start === 0)
    throw new RolloutError('no_session_meta', 'failed to parse conversation ID from rollout file');
  const place = { directory: recoveredDirectory, path, kind: 'tail' } as const;
  const savedTo = await saveRange(file, { start, end: size }, place, files);
  await file.truncate(start);
  await file.sync();
  return { kind: 'removed', bytes, savedTo };
}
