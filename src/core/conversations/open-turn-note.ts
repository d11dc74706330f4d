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
  /** Size of the rollout in bytes with all that the turn stored; one that has them tells that the turn has ended. */
  end: z.int().nonnegative().optional(),
});
export type OpenTurnNote = z.infer<typeof OpenTurnNote>;

/** What the note says: a turn runs, or has run to the end that the rollout must have, or none does, or `misfit`, what is wrong with a file that is no note. */
export type ReadNote =
  | { readonly kind: 'running'; readonly note: OpenTurnNote }
  | { readonly kind: 'over' }
  | { readonly kind: 'misfit'; readonly misfit: string };

const LARGEST_NOTE = 16 * 1024;
/** A note is written over the one before it in whole blocks, so that nothing but their content changes on the disk. */
const BLOCK_BYTES = 512;

/** In the file of a conversation of which no turn runs. */
const OVER = '{}';

/**
 * Notes a turn, or with `undefined` that none runs, in place of what the file said. The file is readable by its owner
 * only; it and the folders above it are made where they are missing.
 * @returns whether the file is a new one
 */
export function writeNote(path: string, note: OpenTurnNote | undefined, files: FileSystem): boolean {
  const bytes = encode(note === undefined ? OVER : JSON.stringify(note));
  const { fd, isNew } = openForWriting(path, files);
  try {
    if (files.writeSync(fd, bytes, 0, bytes.length, 0) < bytes.length)
      throw new Error(`${path} was written in part`);
    return isNew;
  } finally {
    files.closeSync(fd);
  }
}

/** One line with its checksum before it: a power cut may leave a part of it, with a part of the one before it behind. */
function encode(json: string): Buffer {
  const line = `${checksum(json)} ${json}\n`;
  const length = Buffer.byteLength(line);
  return Buffer.concat([Buffer.from(line)], Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES);
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0');

function openForWriting(path: string, files: FileSystem): { fd: number; isNew: boolean } {
  const { O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  const open = (more = 0): number => files.openSync(path, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | more, 0o600);
  try {
    return { fd: open(), isNew: false };
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    files.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return { fd: open(O_CREAT), isNew: true };
  }
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
    return parseNote(await file.readFile('utf8'));
  } catch (error) {
    if (error instanceof RolloutError && isNoFile(error)) return misfit('it is not a file');
    throw error;
  }
}

const isNoFile = ({ fault, code }: RolloutError): boolean => fault === 'not_a_file' || code === 'ELOOP';

const misfit = (what: string): ReadNote => ({ kind: 'misfit', misfit: what });

function parseNote(text: string): ReadNote {
  const [, sum, json = ''] = /^([0-9a-f]{8}) (.*)\n/.exec(text) ?? [];
  if (sum === undefined || sum !== checksum(json)) return misfit('it was not written whole');
  if (json === OVER) return { kind: 'over' };
  const { success, data, error } = OpenTurnNote.safeParse(safeParse(json));
  return success ? { kind: 'running', note: data } : misfit(z.prettifyError(error));
}
