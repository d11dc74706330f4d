import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { FileSystem } from '../files/file-system.ts';
import { RolloutError } from '../rollout/errors.ts';
import { openRegularFile } from '../rollout/regular-file.ts';

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;
const NUL = 0x00;

/** A part of a rollout, in bytes; it ends where a line ends. */
export interface RecordRange {
  readonly offset: number;
  readonly end: number;
}

/**
 * Whether a power cut has left the records. It may have taken the end of a file, or have kept its length without the
 * content: that reads as NULs, which no record contains. False also for what is no file.
 * @throws RolloutError when the file cannot be read
 */
export async function hasWholeRecords(path: string, range: RecordRange, files: FileSystem): Promise<boolean> {
  try {
    await using file = await openRegularFile(path, constants.O_RDONLY, files);
    return await isWhole(file, range);
  } catch (error) {
    if (error instanceof RolloutError && isNoFile(error)) return false;
    throw error;
  }
}

const isNoFile = ({ fault, code }: RolloutError): boolean => fault === 'not_a_file' || code === 'ENOENT';

async function isWhole(file: FileHandle, { offset, end }: RecordRange): Promise<boolean> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let last: number | undefined;
  for (let position = offset; position < end; ) {
    const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, end - position), position);
    const bytes = chunk.subarray(0, bytesRead);
    if (bytesRead === 0 || bytes.includes(NUL)) return false;
    last = bytes.at(-1);
    position += bytesRead;
  }
  return last === NEWLINE;
}
