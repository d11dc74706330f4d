import { constants } from 'node:fs';
import type { SessionMeta } from '../../protocol/vocabulary/rollout.ts';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { toRolloutError } from './errors.ts';
import { type ParsedLine, parseLine } from './line.ts';
import { type FileLine, lineAssembler, readLines, textOf } from './lines.ts';
import { previewOf } from './preview.ts';
import { openRegularFile } from './regular-file.ts';
import { isUserMessage } from './user-message.ts';

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

/** What is read at once of a file that may well be in memory: a waiting for other threads would take longer. */
const BLOCK_BYTES = 16 * 1024;
const BLOCKS = 8;

const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW;

type Progress = { -readonly [K in keyof RolloutHead]: RolloutHead[K] } & { records: number };

const nothingYet = (): Progress => ({
  leadingMeta: undefined,
  meta: undefined,
  preview: undefined,
  hasUserMessage: false,
  records: 0,
});

function takeMeta(head: Progress, meta: SessionMeta): void {
  const normalised = { ...meta, id: meta.id.toLowerCase() };
  if (head.records === 0) head.leadingMeta = normalised;
  head.meta ??= normalised;
  head.records += 1;
}

function takeRecord(head: Progress, parsed: ParsedLine): void {
  if (parsed.kind === 'later_item') head.records += 1;
  if (parsed.kind === 'completed_item') head.hasUserMessage ||= parsed.events.some(isUserMessage);
  if (parsed.kind !== 'record') return;
  const { line } = parsed;
  if (line.type === 'session_meta') takeMeta(head, line.payload);
  if (line.type === 'event_msg' && isUserMessage(line.payload)) head.hasUserMessage = true;
  if (line.type !== 'response_item') return;
  head.records += 1;
  head.preview ??= previewOf(line.payload);
}

type IsEnough = (head: Progress) => boolean;

const hasMeta: IsEnough = (head) => head.records >= HEAD_RECORDS || head.meta !== undefined;
const hasAll: IsEnough = (head) =>
  head.records >= HEAD_RECORDS ||
  (head.meta !== undefined && head.preview !== undefined && head.hasUserMessage);

/** @returns whether that was enough */
function take(head: Progress, lines: readonly FileLine[], isEnough: IsEnough): boolean {
  for (const line of lines) {
    const text = textOf(line);
    if (text !== undefined) takeRecord(head, parseLine(text));
    if (isEnough(head)) return true;
  }
  return false;
}

function takeBlocks(fd: number, isEnough: IsEnough, files: FileSystem): Progress | undefined {
  const head = nothingYet();
  const assembler = lineAssembler(BLOCKS * BLOCK_BYTES);
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  for (let position = 0; position < BLOCKS * BLOCK_BYTES; ) {
    const count = files.readSync(fd, block, 0, BLOCK_BYTES, position);
    const lines = count === 0 ? assembler.end() : assembler.push(block.subarray(0, count));
    if (take(head, lines, isEnough) || count === 0) return head;
    position += count;
  }
  return undefined;
}

/** `undefined` when the file is not one that can be read, or the first blocks are not enough. */
function readBlocks(path: string, isEnough: IsEnough, files: FileSystem): Progress | undefined {
  let fd: number | undefined;
  try {
    fd = files.openSync(path, FLAGS | constants.O_NONBLOCK);
    return files.fstatSync(fd).isFile() ? takeBlocks(fd, isEnough, files) : undefined;
  } catch {
    // Whoever tries again finds out what the matter is.
    return undefined;
  } finally {
    if (fd !== undefined) files.closeSync(fd);
  }
}

async function readOn(path: string, isEnough: IsEnough, files: FileSystem): Promise<Progress> {
  const head = nothingYet();
  await using file = await openRegularFile(path, FLAGS, files);
  for await (const lines of readLines(file, { maxLineBytes: HEAD_BYTES, end: HEAD_BYTES }))
    if (take(head, lines, isEnough)) break;
  return head;
}

async function readUntil(isEnough: IsEnough, path: string, files: FileSystem): Promise<RolloutHead> {
  return (
    readBlocks(path, isEnough, files) ??
    (await readOn(path, isEnough, files).catch((error) => {
      throw toRolloutError(error);
    }))
  );
}

/**
 * Reads no more of the file than it needs, never more than 8 MiB.
 * @throws RolloutError when it cannot be read
 */
export const readHead = (path: string, files: FileSystem = realFileSystem): Promise<RolloutHead> =>
  readUntil(hasAll, path, files);

/**
 * The first session_meta among the head records.
 * @throws RolloutError when the file cannot be read
 */
export async function readMeta(
  path: string,
  files: FileSystem = realFileSystem,
): Promise<SessionMeta | undefined> {
  return (await readUntil(hasMeta, path, files)).meta;
}
