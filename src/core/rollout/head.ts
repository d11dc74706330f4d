import { constants } from 'node:fs';
import type { SessionMeta } from '../../protocol/vocabulary/rollout.ts';
import { type ParsedLine, parseLine } from './line.ts';
import { readLines } from './lines.ts';
import { previewOf } from './preview.ts';
import { openRegularFile } from './regular-file.ts';

/** What the start of a rollout file tells about the conversation (protocol-v1, section 17). */
export interface RolloutHead {
  /** The session_meta, if that is the first of the head records. */
  readonly leadingMeta: SessionMeta | undefined;
  /** The first session_meta, wherever it stands among the head records. */
  readonly meta: SessionMeta | undefined;
  readonly preview: string | undefined;
  readonly hasUserMessage: boolean;
}

/** Only session_meta and response_item lines count. */
const HEAD_RECORDS = 10;
const HEAD_BYTES = 8 * 1024 * 1024;
const CHUNK_BYTES = 16 * 1024;

type Progress = { -readonly [K in keyof RolloutHead]: RolloutHead[K] } & { records: number };

function takeMeta(head: Progress, meta: SessionMeta): void {
  const normalised = { ...meta, id: meta.id.toLowerCase() };
  if (head.records === 0) head.leadingMeta = normalised;
  head.meta ??= normalised;
  head.records += 1;
}

function take(head: Progress, parsed: ParsedLine): void {
  if (parsed.kind === 'later_item') head.records += 1;
  if (parsed.kind !== 'record') return;
  const { line } = parsed;
  if (line.type === 'session_meta') takeMeta(head, line.payload);
  if (line.type === 'event_msg' && line.payload.type === 'user_message') head.hasUserMessage = true;
  if (line.type !== 'response_item') return;
  head.records += 1;
  head.preview ??= previewOf(line.payload);
}

const isComplete = (head: Progress): boolean =>
  head.records >= HEAD_RECORDS ||
  (head.meta !== undefined && head.preview !== undefined && head.hasUserMessage);

/**
 * Reads no more of the file than it needs, never more than 8 MiB.
 * @throws RolloutError when it cannot be read
 */
export async function readHead(path: string): Promise<RolloutHead> {
  const head: Progress = {
    leadingMeta: undefined,
    meta: undefined,
    preview: undefined,
    hasUserMessage: false,
    records: 0,
  };
  await using file = await openRegularFile(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  let bytes = 0;
  for await (const lines of readLines(file, { chunkBytes: CHUNK_BYTES, maxLineBytes: HEAD_BYTES })) {
    for (const { text } of lines) {
      if (isComplete(head)) return head;
      if (text !== undefined) take(head, parseLine(text));
    }
    bytes += CHUNK_BYTES;
    if (isComplete(head) || bytes >= HEAD_BYTES) return head;
  }
  return head;
}
