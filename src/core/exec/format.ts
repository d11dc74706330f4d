import { nextCharacterStart, wholeCharactersEnd } from './utf8.ts';

/** What a command that ran out of time reports as its exit code (protocol-v1, section 11). */
export const TIMEOUT_EXIT_CODE = 124;

const MAX_BYTES = 10_240;
const HEAD_BYTES = MAX_BYTES / 2;
const MAX_LINES = 256;
const HEAD_LINES = MAX_LINES / 2;

export interface CommandOutput {
  readonly aggregated: string;
  readonly timedOut: boolean;
  readonly durationNs: bigint;
}

/** The output of a command as the model and `formatted_output` have it: with a note about a timeout, and bounded. */
export function formatOutput({ aggregated, timedOut, durationNs }: CommandOutput): string {
  const note = timedOut ? `command timed out after ${durationNs / 1_000_000n} milliseconds\n` : '';
  return truncateForModel(note + aggregated);
}

export interface ModelResult {
  readonly exitCode: number;
  readonly durationSeconds: number;
  /** From `formatOutput`. */
  readonly output: string;
}

/** The JSON text that a `shell` call answers (protocol-v1, section 11). */
export function formatForModel({ exitCode, durationSeconds, output }: ModelResult): string {
  const seconds = (Math.round(durationSeconds * 10) / 10).toFixed(1);
  return `{"output":${JSON.stringify(output)},"metadata":{"exit_code":${exitCode},"duration_seconds":${seconds}}}`;
}

/**
 * Keeps the start and the end of a text: at most 256 lines and 10,240 bytes, characters whole (protocol-v1, sections 11
 * and 22.1 point 13). A text of more lines loses its last line break.
 */
export function truncateForModel(text: string): string {
  const lines = countLines(text);
  if (lines > MAX_LINES) return truncateLines(text, lines);
  const bytes = Buffer.from(text);
  return bytes.length > MAX_BYTES ? truncateBytes(bytes) : text;
}

function truncateLines(text: string, lines: number): string {
  const head = Buffer.from(joinLines(text.slice(0, indexAfterLines(text, HEAD_LINES))));
  const tail = Buffer.from(joinLines(text.slice(indexBeforeLastLines(text, HEAD_LINES))));
  const marker = Buffer.from(`\n[... omitted ${lines - MAX_LINES} of ${lines} lines ...]\n\n`);
  const start = head.subarray(0, wholeCharactersEnd(head, Math.min(head.length, HEAD_BYTES)));
  const room = MAX_BYTES - start.length - marker.length;
  return `${start}${marker}${endOf(tail, room)}`;
}

function truncateBytes(bytes: Buffer): string {
  const start = bytes.subarray(0, wholeCharactersEnd(bytes, HEAD_BYTES));
  const widestMarker = bytesMarker(bytes.length, bytes.length);
  const end = endOf(bytes, MAX_BYTES - start.length - widestMarker.length);
  return `${start}${bytesMarker(bytes.length - start.length - end.length, bytes.length)}${end}`;
}

function bytesMarker(omitted: number, total: number): string {
  return `\n[... omitted ${omitted} of ${total} bytes ...]\n\n`;
}

function endOf(bytes: Buffer, room: number): Buffer {
  return bytes.subarray(nextCharacterStart(bytes, Math.max(0, bytes.length - room)));
}

function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return text === '' || text.endsWith('\n') ? count : count + 1;
}

function indexAfterLines(text: string, lines: number): number {
  let index = 0;
  for (let line = 0; line < lines; line++) index = text.indexOf('\n', index) + 1;
  return index;
}

function indexBeforeLastLines(text: string, lines: number): number {
  let index = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let line = 0; line < lines; line++) index = text.lastIndexOf('\n', index - 1);
  return index + 1;
}

/** Drops the last line break, and carriage returns before line breaks. */
function joinLines(text: string): string {
  return text.replace(/\r?\n$/, '').replaceAll('\r\n', '\n');
}
