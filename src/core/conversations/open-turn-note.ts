import { constants } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { crc32 } from 'node:zlib';
import { safeParse } from 'secure-json-parse';
import { z } from 'zod';
import type { FileSystem } from '../files/file-system.ts';
import { errorCode, RolloutError } from '../rollout/errors.ts';
import { openRegularFile } from '../rollout/regular-file.ts';

/** What is noted of a turn. */
export const OpenTurnNote = z.object({
  /** Of the rollout, when the turn began. */
  path: z.string().refine(isAbsolute, 'must be absolute'),
  /** Size of the rollout in bytes before the turn's input. */
  offset: z.int().nonnegative(),
  /** UTC, with milliseconds. */
  startedAt: z.string(),
});
export type OpenTurnNote = z.infer<typeof OpenTurnNote>;

/** Size of the rollout in bytes with all that the turn stored; if it is whole up to there, the turn has ended. */
const TurnEnd = z.object({ end: z.int().nonnegative() });

/**
 * What the note says: a turn runs, or has run to the `end` that its rollout must have, or none does, or `misfit`, what is
 * wrong with a file that is no note.
 */
export type ReadNote =
  | { readonly kind: 'running'; readonly note: OpenTurnNote; readonly end: number | undefined }
  | { readonly kind: 'over' }
  | { readonly kind: 'misfit'; readonly misfit: string };

const LARGEST_NOTE = 16 * 1024;
/** A note is written over the one before it in whole blocks, so that nothing but their content changes on the disk. */
const BLOCK_BYTES = 512;

const NEWLINE = 0x0a;
/** With the space after it. */
const CHECKSUM_LENGTH = 9;

/** In the file of a conversation of which no turn runs. */
const OVER = '{}';

/**
 * Notes a turn, or with `undefined` that none runs, in place of what the file said. The file is readable by its owner
 * only; it and the folders above it are made where they are missing.
 * @returns whether the file is a new one
 */
export function writeNote(path: string, note: OpenTurnNote | undefined, files: FileSystem): boolean {
  const { fd, isNew } = openForWriting(path, files);
  const noEnd = Buffer.alloc(BLOCK_BYTES);
  writeAndClose(fd, Buffer.concat([encode(lineOf(note)), noEnd]), 0, files);
  return isNew;
}

/**
 * Adds to the note of a turn, which has to be there, how far the rollout has to be whole. That is in a block of its own:
 * whatever a power cut leaves of that, the note before it says what it said.
 */
export function writeEnd(path: string, note: OpenTurnNote, end: number, files: FileSystem): void {
  const line = lineOf(note);
  writeAndClose(openThere(path, files), encode(endLineOf(line, end)), encode(line).length, files);
}

function writeAndClose(fd: number, bytes: Buffer, position: number, files: FileSystem): void {
  try {
    if (files.writeSync(fd, bytes, 0, bytes.length, position) < bytes.length)
      throw new Error('the note of a turn was written in part');
  } finally {
    files.closeSync(fd);
  }
}

const lineOf = (note: OpenTurnNote | undefined): string => checkedLine(note ? JSON.stringify(note) : OVER);

/** It belongs to that very note, and not to one that was there before. */
const endLineOf = (note: string, end: number): string => checkedLine(JSON.stringify({ end }), note);

/** With its checksum before it: a power cut may leave a part of it, with a part of the one before it behind. */
const checkedLine = (json: string, before = ''): string => `${checksum(before + json)} ${json}\n`;

function encode(line: string): Buffer {
  const length = Buffer.byteLength(line);
  return Buffer.concat([Buffer.from(line)], Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES);
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0');

function openForWriting(path: string, files: FileSystem): { fd: number; isNew: boolean } {
  try {
    return { fd: openThere(path, files), isNew: false };
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    files.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return { fd: openThere(path, files, constants.O_CREAT), isNew: true };
  }
}

function openThere(path: string, files: FileSystem, more = 0): number {
  const { O_WRONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  return files.openSync(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | more, 0o600);
}

/** Makes the content durable; a note that is gone by now needs no more. */
export async function syncNote(path: string, files: FileSystem): Promise<void> {
  const fd = openForSync(path, files);
  if (fd === undefined) return;
  try {
    await files.fdatasync(fd);
  } finally {
    files.closeSync(fd);
  }
}

function openForSync(path: string, files: FileSystem): number | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    return files.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** @throws RolloutError when the file cannot be read at the moment */
export async function readNote(path: string, files: FileSystem): Promise<ReadNote> {
  try {
    await using file = await openRegularFile(path, constants.O_RDONLY | constants.O_NOFOLLOW, files);
    if ((await file.stat()).size > LARGEST_NOTE) return misfit('it is too large');
    return parseNote(await file.readFile());
  } catch (error) {
    if (error instanceof RolloutError && isNoFile(error)) return misfit('it is not a file');
    throw error;
  }
}

const isNoFile = ({ fault, code }: RolloutError): boolean => fault === 'not_a_file' || code === 'ELOOP';

const misfit = (what: string): ReadNote => ({ kind: 'misfit', misfit: what });

function parseNote(bytes: Buffer): ReadNote {
  const line = lineAt(bytes, 0);
  const json = jsonOf(line);
  if (json === undefined) return misfit('it was not written whole');
  if (json === OVER) return { kind: 'over' };
  const { success, data, error } = OpenTurnNote.safeParse(safeParse(json));
  if (!success) return misfit(z.prettifyError(error));
  const end = jsonOf(lineAt(bytes, encode(line).length), line);
  return { kind: 'running', note: data, end: TurnEnd.safeParse(safeParse(end ?? '')).data?.end };
}

/** With its newline; empty if there is none. */
const lineAt = (bytes: Buffer, start: number): string =>
  bytes.toString('utf8', start, bytes.indexOf(NEWLINE, start) + 1);

/** `undefined` for a line that is not what was written. */
function jsonOf(line: string, before = ''): string | undefined {
  const json = line.slice(CHECKSUM_LENGTH, -1);
  return line === checkedLine(json, before) ? json : undefined;
}
