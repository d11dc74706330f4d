import type { FileHandle } from 'node:fs/promises';
import type { RolloutLine } from '../../protocol/vocabulary/rollout.ts';
import { parseLine } from './line.ts';
import { type FileLine, type LineOptions, readLines, textOf } from './lines.ts';
import { isInjected } from './preview.ts';
import { costOf, recordType, type Share, shareOf } from './record-type.ts';

/** How much there is to keep in a file, and where. Offsets are those of lines. */
export interface Survey {
  /** Behind what the model is told before the user says anything. */
  readonly openingEnd: number;
  /** The last compaction that says what the history is from there on; 0 without one. */
  readonly historyStart: number;
  /** Of all lines of each share; of items only those behind the opening, and from `historyStart` on. */
  readonly cost: Readonly<Record<Share, number>>;
  /** Some line has an ordinal. */
  readonly numbered: boolean;
}

/** Of a file that begins with more than this, the rest is not taken for an opening. */
const OPENING_BYTES = 8 * 1024 * 1024;

function recordOf(line: FileLine): RolloutLine | undefined {
  const text = textOf(line);
  const parsed = text === undefined ? undefined : parseLine(text);
  return parsed?.kind === 'record' ? parsed.line : undefined;
}

function isUserMessage(record: RolloutLine | undefined): boolean {
  if (record?.type !== 'response_item') return false;
  const { payload: item } = record;
  if (item.type !== 'message' || item.role !== 'user') return false;
  return !item.content.some((part) => part.type === 'input_text' && isInjected(part.text));
}

const endsOpening = (line: FileLine): boolean => line.end > OPENING_BYTES || isUserMessage(recordOf(line));

function replacesHistory(line: FileLine): boolean {
  const record = recordOf(line);
  return record?.type === 'compacted' && record.payload.replacement_history !== undefined;
}

/** Looks through a file without keeping anything of it. */
export async function survey(file: FileHandle, options: LineOptions): Promise<Survey> {
  const cost = { items: 0, messages: 0 };
  let openingEnd: number | undefined;
  let historyStart = 0;
  let numbered = false;

  const add = (line: FileLine): void => {
    const { type, numbered: hasOrdinal } = recordType(line);
    numbered ||= hasOrdinal;
    const share = shareOf(type);
    if (share === undefined) return;
    if (type === 'compacted' && replacesHistory(line)) {
      historyStart = line.start;
      cost.items = 0;
    }
    if (share === 'items' && openingEnd === undefined && endsOpening(line)) openingEnd = line.start;
    if (share === 'messages' || openingEnd !== undefined) cost[share] += costOf(line);
  };
  for await (const batch of readLines(file, options)) batch.forEach(add);
  return { openingEnd: openingEnd ?? Number.POSITIVE_INFINITY, historyStart, cost, numbered };
}
