import type { RolloutItem } from '../../protocol/vocabulary/rollout.ts';
import { RolloutError } from './errors.ts';
import { renderLine } from './line.ts';

/** Longest record in bytes with its line end (reliability, REL-WR-9). */
export const MAX_RECORD_BYTES = 8 * 1024 * 1024;

export interface BatchPurpose {
  /** Somebody waits for the records and is told at once when they cannot be written; they are then dropped. */
  readonly isUrgent: boolean;
  /** Until a sync has succeeded nobody relies on the records, so that they can be taken back. */
  readonly isRevocable: boolean;
  /** Written, with all that comes before it, into the room that is kept for the ends of turns. */
  readonly isClosing: boolean;
}

/** The records of one append, which stay together. */
export interface Batch extends BatchPurpose {
  readonly lines: readonly Buffer[];
  readonly bytes: number;
  /** How many of the lines are in the file and cannot be taken back. */
  linesDone: number;
  /** Why the records, which had been written, were taken out of the file again. */
  revoked: RolloutError | undefined;
}

function encodeLine(item: RolloutItem, at: Date): Buffer {
  const line = Buffer.from(renderLine(item, at));
  if (line.length <= MAX_RECORD_BYTES) return line;
  const problem = `${line.length} bytes are more than the ${MAX_RECORD_BYTES} that a record may have`;
  throw new RolloutError('invalid_record', `invalid rollout record of type ${item.type}: ${problem}`);
}

/** @throws RolloutError `invalid_record` for records that do not fit, also in length */
export function encodeBatch(items: readonly RolloutItem[], at: Date, purpose: BatchPurpose): Batch {
  const lines = items.map((item) => encodeLine(item, at));
  const bytes = lines.reduce((sum, line) => sum + line.length, 0);
  return { ...purpose, lines, bytes, linesDone: 0, revoked: undefined };
}
