import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { SessionMeta } from '../../protocol/vocabulary/rollout.ts';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { entriesOfLine, isForModel } from './entry.ts';
import { RolloutError, toRolloutError } from './errors.ts';
import { type JsonObject, type ParsedLine, parseLine, parseObject, parseRecord } from './line.ts';
import { type FileLine, type LineOptions, readLines, textOf } from './lines.ts';
import { messageText } from './message-text.ts';
import { MessageTexts } from './message-texts.ts';
import { type Share, shareOf } from './record-type.ts';
import { openRegularFile } from './regular-file.ts';
import { everything, type Selection, theEnd } from './selection.ts';
import { StoredLines } from './stored-lines.ts';
import { survey } from './survey.ts';
import type { StoredConversation, StoredEntry } from './types.ts';
import { isByLaterRelease } from './user-message.ts';

export interface ReadOptions extends Omit<LineOptions, 'end'> {
  readonly files?: FileSystem;
  /** Keeps the event messages also among the lines. */
  readonly keepEvents?: boolean;
  /** How much of each share is kept, in bytes; a line counts with some more than it has. */
  readonly limits?: Readonly<Record<Share, number>>;
}

const LIMITS = { items: 64 * 1024 * 1024, messages: 64 * 1024 * 1024 };

/** How far to look for the session_meta, which is the first record of any real rollout, in bytes. */
const META_WITHIN = 64 * 1024 * 1024;

const DAMAGED_LINES = 100;

/** What is written while a file is read is not part of what is read. */
type Snapshot = LineOptions & { readonly end: number };

type Contents = Omit<StoredConversation, 'path' | 'meta' | 'droppedItems' | 'droppedMessages'>;

/** Damage that nobody need be told of: an empty line, or one that somebody may be writing just now. */
const isExcused = (line: FileLine, text: string | undefined): boolean =>
  !line.terminated || text?.trim() === '';

const readMeta = (parsed: ParsedLine): SessionMeta | undefined =>
  parsed.kind === 'record' && parsed.line.type === 'session_meta'
    ? { ...parsed.line.payload, id: parsed.line.payload.id.toLowerCase() }
    : undefined;

const parse = (text: string | undefined): ParsedLine =>
  text === undefined ? { kind: 'damaged' } : parseLine(text);

/** @throws RolloutError `empty` or `no_session_meta` */
async function findMeta(file: FileHandle, options: Snapshot): Promise<SessionMeta> {
  let hasContent = false;
  for await (const batch of readLines(file, { ...options, end: Math.min(options.end, META_WITHIN) }))
    for (const line of batch) {
      const text = textOf(line);
      hasContent ||= text?.trim() !== '';
      const meta = readMeta(parse(text));
      if (meta !== undefined) return meta;
    }
  if (!hasContent) throw new RolloutError('empty', 'empty session file');
  throw new RolloutError('no_session_meta', 'failed to parse conversation ID from rollout file');
}

async function collect(
  file: FileHandle,
  meta: SessionMeta,
  options: Snapshot & Pick<ReadOptions, 'keepEvents'>,
  selection: Selection,
): Promise<Contents> {
  const isLater = isByLaterRelease(meta);
  const lines = new StoredLines(isLater);
  const messages = new MessageTexts();
  const damagedLines: number[] = [];
  let damagedCount = 0;
  let { numbered } = selection;
  let size = 0;

  const addDamaged = (line: FileLine, text: string | undefined): void => {
    if (!isExcused(line, text) && ++damagedCount <= DAMAGED_LINES) damagedLines.push(line.number);
  };
  const addMessages = (bytes: Buffer, text: string, value: JsonObject): void => {
    for (const entry of entriesOfLine(parseRecord(value), isLater))
      if (entry.type === 'event_msg') messages.add(entry.msg, messageText(bytes, text, entry.msg));
  };
  const add = (line: FileLine): void => {
    if (line.terminated) size = line.end;
    if (!selection.admits(line)) return;
    const { bytes } = line;
    const text = textOf(line);
    const value = text === undefined ? undefined : parseObject(text);
    if (bytes === undefined || text === undefined || value === undefined) {
      addDamaged(line, text);
      return;
    }
    numbered ||= value.ordinal !== undefined;
    const share = shareOf(value.type);
    if (share === 'messages') addMessages(bytes, text, value);
    if (share === 'items' || (share === 'messages' && options.keepEvents)) lines.add(bytes);
  };
  for await (const batch of readLines(file, options)) batch.forEach(add);
  return { lines, messages, damagedLines, damagedCount, numbered, size };
}

async function readFile(file: FileHandle, path: string, options: ReadOptions): Promise<StoredConversation> {
  const { limits = LIMITS, ...lineOptions } = options;
  const { size } = await file.stat();
  const snapshot = { ...lineOptions, end: size };
  const meta = await findMeta(file, snapshot);
  const isLong = size > Math.min(limits.items, limits.messages);
  const selection = isLong ? theEnd(await survey(file, snapshot), limits) : everything;
  const contents = await collect(file, meta, snapshot, selection);
  const { items: droppedItems, messages: droppedMessages } = selection.dropped;
  return { path, meta, ...contents, droppedItems, droppedMessages };
}

/**
 * Reads a stored conversation (protocol-v1, section 16), as much of its end as can be held. Records of unknown types
 * are passed over, and so is a last line without an end unless it is whole: somebody may be writing it.
 * @throws RolloutError `io`, `not_a_file`, `empty` or `no_session_meta`, with the reference's wording; `invalid_record`
 *   for a file with a line of more than 256 MiB
 */
export async function readRollout(path: string, options: ReadOptions = {}): Promise<StoredConversation> {
  await using file = await openRegularFile(path, constants.O_RDONLY, options.files ?? realFileSystem);
  return await readFile(file, path, options).catch((error) => {
    throw toRolloutError(error);
  });
}

/** What lines that somebody else appended add to a conversation. */
export function entriesOf(lines: readonly string[]): StoredEntry[] {
  return lines.flatMap((text) => entriesOfLine(parseLine(text), false));
}

/** Gives the history that replaces `earlier` after a compaction with that summary. */
export type Compaction = (earlier: readonly ResponseItem[], summary: string) => ResponseItem[];

/** What a history becomes with more entries: all response items in order, each compaction applied at its place. */
export function extendHistory(
  earlier: readonly ResponseItem[],
  entries: Iterable<StoredEntry>,
  compact: Compaction,
): ResponseItem[] {
  let items = [...earlier];
  for (const entry of entries) {
    if (entry.type === 'response_item') items.push(entry.item);
    if (entry.type === 'compacted')
      items = entry.item.replacement_history?.filter(isForModel) ?? compact(items, entry.item.message);
  }
  return items;
}

/** The history to go on from. */
export function history(stored: StoredConversation, compact: Compaction): ResponseItem[] {
  const items = extendHistory([], stored.lines.entries(), compact);
  return stored.droppedItems === 0 ? items : withoutStrayOutputs(items);
}

/** The API refuses an output whose call it is not shown. */
function withoutStrayOutputs(items: readonly ResponseItem[]): ResponseItem[] {
  const calls = new Set(
    items.flatMap((item) => ('call_id' in item && !('output' in item) ? [item.call_id] : [])),
  );
  return items.filter((item) => !('output' in item) || calls.has(item.call_id));
}
