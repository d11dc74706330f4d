import { parseLine } from './line.ts';
import { type FileLine, textOf } from './lines.ts';

/** What the beginning of a line tells about it. */
export interface RecordType {
  /** `undefined` for a line that is no record. */
  readonly type: string | undefined;
  readonly numbered: boolean;
}

/** How every program that writes rollouts begins a line; `ordinal` comes from later ones. */
const BEGINNING = /^\{"timestamp":"[^"\\]{0,40}",("ordinal":\d{1,16},)?"type":"([a-z_]{1,32})"/;
const BEGINNING_BYTES = 160;

/** Reads the first bytes, and the rest only when these do not tell. */
export function recordType(line: FileLine): RecordType {
  const match = BEGINNING.exec(line.bytes?.toString('latin1', 0, BEGINNING_BYTES) ?? '');
  if (match !== null) return { type: match[2], numbered: match[1] !== undefined };
  const text = textOf(line);
  const parsed = parseLine(text ?? '');
  if (parsed.kind === 'damaged') return { type: undefined, numbered: false };
  return { type: parsed.kind === 'record' ? parsed.line.type : undefined, numbered: parsed.numbered };
}

/** What a record is kept as: part of the history that the model is sent, or a message that clients are shown. */
export type Share = 'items' | 'messages';

export function shareOf(type: unknown): Share | undefined {
  if (type === 'response_item' || type === 'compacted') return 'items';
  return type === 'event_msg' ? 'messages' : undefined;
}

/** What an entry takes in memory besides its text, in bytes; counts with conversations of many short lines. */
const ENTRY_BYTES = 128;

/** What keeping a line costs, in bytes. */
export const costOf = (line: FileLine): number => line.end - line.start + ENTRY_BYTES;
