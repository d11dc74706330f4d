import { constants } from 'node:fs';
import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { RolloutLine, SessionMeta } from '../../protocol/vocabulary/rollout.ts';
import { RolloutError, toRolloutError } from './errors.ts';
import { parseLine } from './line.ts';
import { CHUNK_BYTES, type LineOptions, MAX_LINE_BYTES, readLines, type TextLine } from './lines.ts';
import { openRegularFile } from './regular-file.ts';
import type { StoredConversation, StoredEntry } from './types.ts';

interface Reading {
  meta: SessionMeta | undefined;
  /** Something else than blank lines was seen. */
  hasContent: boolean;
  readonly entries: StoredEntry[];
  readonly damagedLines: number[];
}

function addRecord(reading: Reading, line: RolloutLine): void {
  if (line.type === 'session_meta') reading.meta ??= { ...line.payload, id: line.payload.id.toLowerCase() };
  if (line.type === 'response_item') reading.entries.push({ type: line.type, item: line.payload });
  if (line.type === 'event_msg') reading.entries.push({ type: line.type, msg: line.payload });
  if (line.type === 'compacted') reading.entries.push({ type: line.type, item: line.payload });
}

const isBlank = (line: TextLine): boolean => line.text !== undefined && line.text.trim() === '';

function addLine(reading: Reading, line: TextLine): void {
  if (isBlank(line)) return;
  reading.hasContent = true;
  const parsed = line.text === undefined ? undefined : parseLine(line.text);
  if (parsed?.kind === 'record') addRecord(reading, parsed.line);
  const isDamaged = parsed === undefined || parsed.kind === 'damaged';
  if (isDamaged && line.terminated) reading.damagedLines.push(line.number);
}

const noSessionMeta = (): RolloutError =>
  new RolloutError('no_session_meta', 'failed to parse conversation ID from rollout file');

/** How far to look for the session_meta, which is the first record of any real rollout, in bytes. */
const META_WITHIN = MAX_LINE_BYTES;

async function readAll(path: string, options: LineOptions): Promise<Reading> {
  const reading: Reading = { meta: undefined, hasContent: false, entries: [], damagedLines: [] };
  await using file = await openRegularFile(path, constants.O_RDONLY);
  let bytes = 0;
  for await (const batch of readLines(file, options)) {
    for (const line of batch) addLine(reading, line);
    bytes += options.chunkBytes ?? CHUNK_BYTES;
    if (reading.meta === undefined && bytes > META_WITHIN) throw noSessionMeta();
  }
  return reading;
}

/**
 * Reads a stored conversation (protocol-v1, section 16). Records of unknown types are passed over, and so is a last
 * line without an end unless it is whole: somebody may be writing it.
 * @throws RolloutError `io`, `not_a_file`, `empty` or `no_session_meta`, with the reference's wording
 */
export async function readRollout(path: string, options: LineOptions = {}): Promise<StoredConversation> {
  const { meta, hasContent, entries, damagedLines } = await readAll(path, options).catch((error) => {
    throw toRolloutError(error);
  });
  if (!hasContent) throw new RolloutError('empty', 'empty session file');
  if (meta === undefined) throw noSessionMeta();
  return { path, meta, entries, damagedLines };
}

/** Gives the history that replaces `earlier` after a compaction with that summary. */
export type Compaction = (earlier: readonly ResponseItem[], summary: string) => ResponseItem[];

/** The history to go on from: all response items in order, each compaction applied at its place. */
export function history(stored: StoredConversation, compact: Compaction): ResponseItem[] {
  let items: ResponseItem[] = [];
  for (const entry of stored.entries) {
    if (entry.type === 'response_item') items.push(entry.item);
    if (entry.type === 'compacted') items = compact(items, entry.item.message);
  }
  return items;
}

const isInjected = (msg: EventMsg): boolean => msg.type === 'user_message' && msg.kind !== 'plain';

/** The events that a resuming client is shown (protocol-v1, section 16). */
export function initialMessages(stored: StoredConversation): EventMsg[] {
  return stored.entries.flatMap((entry) =>
    entry.type === 'event_msg' && !isInjected(entry.msg) ? [entry.msg] : [],
  );
}
