import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { RolloutError } from './errors.ts';

/** One line of a file. */
export interface FileLine {
  /** From 1. */
  readonly number: number;
  /** Offset of its first byte. */
  readonly start: number;
  /** Offset behind it and its end. */
  readonly end: number;
  /** Without the line end and a byte order mark, and good only until the next batch is asked for; `undefined` when it is too long to be held. */
  readonly bytes: Buffer | undefined;
  /** False for a last line without an end; somebody may be writing it just now. */
  readonly terminated: boolean;
}

export interface LineOptions {
  /** Bytes read at once. */
  readonly chunkBytes?: number;
  /** Longer lines are passed over without being held. */
  readonly maxLineBytes?: number;
  /** Offset at which to stop; the end of the file if absent. */
  readonly end?: number;
}

/** Read at once unless told otherwise; parsing that much takes a few milliseconds. */
export const CHUNK_BYTES = 512 * 1024;

/** Longest line that is read, in bytes; a record of ours has at most 8 MiB. */
export const MAX_LINE_BYTES = 32 * 1024 * 1024;

/** A file with a longer line is no rollout, and reading on could take for ever. */
const MAX_SKIPPED_BYTES = 256 * 1024 * 1024;

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from('\ufeff');

/** `undefined` when the line was not held or is not UTF-8. */
export function textOf({ bytes }: FileLine): string | undefined {
  return bytes === undefined || !isUtf8(bytes) ? undefined : bytes.toString('utf8');
}

const withoutMark = (bytes: Buffer): Buffer =>
  bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    ? bytes.subarray(BYTE_ORDER_MARK.length)
    : bytes;

/** Puts lines together from chunks, holding at most one line of at most `maxBytes`. */
export function lineAssembler(maxBytes: number) {
  let parts: Buffer[] = [];
  let size = 0;
  let number = 0;
  let start = 0;

  const hold = (part: Buffer, isKept: boolean): void => {
    size += part.length;
    if (size > maxBytes) parts = [];
    else parts.push(isKept ? Buffer.from(part) : part);
    if (size > MAX_SKIPPED_BYTES)
      throw new RolloutError(
        'invalid_record',
        `line ${number + 1} is longer than ${MAX_SKIPPED_BYTES} bytes`,
      );
  };
  const finish = (terminated: boolean): FileLine => {
    number += 1;
    const whole = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    const bytes = size > maxBytes ? undefined : start === 0 && whole ? withoutMark(whole) : whole;
    const end = start + size + (terminated ? 1 : 0);
    const line = { number, start, end, bytes, terminated };
    parts = [];
    size = 0;
    start = end;
    return line;
  };
  return {
    /** The lines that end in this chunk, which may be used again when they were. */
    push(chunk: Buffer): FileLine[] {
      const lines: FileLine[] = [];
      let from = 0;
      for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
        hold(chunk.subarray(from, to), false);
        lines.push(finish(true));
        from = to + 1;
      }
      if (from < chunk.length) hold(chunk.subarray(from), true);
      return lines;
    },
    end: (): FileLine[] => (size === 0 ? [] : [finish(false)]),
  };
}

interface Chunk {
  readonly bytes: Buffer;
  readonly end: number;
}

/** Two chunks take turns: while one is worked on, the other one is read. */
function chunkReader(file: FileHandle, size: number, end: number) {
  const [first, second] = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(size)];
  let [next, other] = [first, second];
  /** `undefined` at the end of the file. */
  return async (position: number): Promise<Chunk | undefined> => {
    const buffer = next;
    [next, other] = [other, next];
    const { bytesRead } = await file.read(buffer, 0, Math.min(size, end - position), position);
    return bytesRead === 0 ? undefined : { bytes: buffer.subarray(0, bytesRead), end: position + bytesRead };
  };
}

/** The lines of a file from its start, in batches of those that one read completed. */
export async function* readLines(file: FileHandle, options: LineOptions = {}): AsyncGenerator<FileLine[]> {
  const { chunkBytes = CHUNK_BYTES, maxLineBytes = MAX_LINE_BYTES, end = Number.POSITIVE_INFINITY } = options;
  const read = chunkReader(file, Math.min(chunkBytes, end), end);
  const assembler = lineAssembler(maxLineBytes);
  let pending = read(0);
  try {
    for (let chunk = await pending; chunk !== undefined; chunk = await pending) {
      pending = read(chunk.end);
      // Whoever goes on learns of a failure by waiting for it.
      pending.catch(() => {});
      yield assembler.push(chunk.bytes);
    }
    yield assembler.end();
  } finally {
    await pending.catch(() => {});
  }
}
