import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';

/** One line of a file. */
export interface TextLine {
  /** From 1. */
  readonly number: number;
  /** `undefined` when the line is too long to be held or not UTF-8. */
  readonly text: string | undefined;
  /** False for a last line without an end; somebody may be writing it just now. */
  readonly terminated: boolean;
}

export interface LineOptions {
  /** Bytes read at once. */
  readonly chunkBytes?: number;
  /** Longer lines are passed over without being held. */
  readonly maxLineBytes?: number;
}

/** Read at once unless told otherwise; parsing that much takes a few milliseconds. */
export const CHUNK_BYTES = 256 * 1024;

/** Longest line that is read, in bytes (reliability: a line of this size is skipped, not loaded). */
export const MAX_LINE_BYTES = 100 * 1024 * 1024;

const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';

function decode(bytes: Buffer, isFirst: boolean): string | undefined {
  if (!isUtf8(bytes)) return undefined;
  const text = bytes.toString('utf8');
  return isFirst && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/** Puts lines together from chunks, holding at most one line of at most `maxBytes`. */
function lineAssembler(maxBytes: number) {
  let parts: Buffer[] = [];
  let size = 0;
  let number = 0;

  const hold = (part: Buffer): void => {
    size += part.length;
    if (size > maxBytes) parts = [];
    else parts.push(part);
  };
  const finish = (terminated: boolean): TextLine => {
    number += 1;
    const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
    const text = size > maxBytes || bytes === undefined ? undefined : decode(bytes, number === 1);
    parts = [];
    size = 0;
    return { number, text, terminated };
  };
  return {
    push(chunk: Buffer): TextLine[] {
      const lines: TextLine[] = [];
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        hold(chunk.subarray(start, end));
        lines.push(finish(true));
        start = end + 1;
      }
      if (start < chunk.length) hold(Buffer.from(chunk.subarray(start)));
      return lines;
    },
    end: (): TextLine[] => (size === 0 ? [] : [finish(false)]),
  };
}

/** The lines of a file from its start, in batches of those that one read completed. */
export async function* readLines(file: FileHandle, options: LineOptions = {}): AsyncGenerator<TextLine[]> {
  const { chunkBytes = CHUNK_BYTES, maxLineBytes = MAX_LINE_BYTES } = options;
  const chunk = Buffer.allocUnsafe(chunkBytes);
  const assembler = lineAssembler(maxLineBytes);
  for (let position = 0; ; ) {
    const { bytesRead } = await file.read(chunk, 0, chunkBytes, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    yield assembler.push(chunk.subarray(0, bytesRead));
  }
  yield assembler.end();
}
