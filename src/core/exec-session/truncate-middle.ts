import { nextCharacterStart, wholeCharactersEnd } from '../exec/utf8.ts';
import type { Output } from './unread-output.ts';

const BYTES_PER_TOKEN = 4;
const NEWLINE = 0x0a;
/** More are not needed unless the count of digits goes back and forth. */
const ROUNDS = 4;

export interface TruncatedOutput {
  readonly text: string;
  /** Estimated; only of an output that was cut. */
  readonly originalTokens?: number;
}

/**
 * Keeps the start and the end of an output, at line breaks where there are some, around a line that says how many tokens
 * of four bytes are left out (observed on the 0.36.0 release). When not even that line fits, it is all that is left.
 * @param maxBytes of the result, the line break after the marker not counted
 */
export function truncateMiddle({ text, total }: Output, maxBytes: number): TruncatedOutput {
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return { text };
  const originalTokens = tokens(total);
  let omitted = originalTokens;
  for (let round = 1; ; round++) {
    const room = maxBytes - Buffer.byteLength(marker(omitted));
    if (room <= 0) return { text: marker(originalTokens), originalTokens };
    const { head, tail } = cut(bytes, room);
    const found = tokens(total - head.length - tail.length);
    if (found === omitted || round > ROUNDS) {
      return { text: `${head}${marker(omitted)}\n${tail}`, originalTokens };
    }
    omitted = found;
  }
}

function cut(bytes: Buffer, room: number): { head: Buffer; tail: Buffer } {
  const half = Math.floor(room / 2);
  const tailStart = bytes.length - (room - half);
  const lineEnd = bytes.subarray(0, half).lastIndexOf(NEWLINE);
  const lineBreak = bytes.indexOf(NEWLINE, tailStart);
  return {
    head: bytes.subarray(0, lineEnd < 0 ? wholeCharactersEnd(bytes, half) : lineEnd + 1),
    tail: bytes.subarray(lineBreak < 0 ? nextCharacterStart(bytes, tailStart) : lineBreak + 1),
  };
}

function tokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

function marker(omitted: number): string {
  return `…${omitted} tokens truncated…`;
}
