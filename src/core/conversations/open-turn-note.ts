import { constants } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { safeParse } from 'secure-json-parse';
import { z } from 'zod';
import type { FileSystem } from '../files/file-system.ts';
import { errorCode, RolloutError } from '../rollout/errors.ts';
import { openRegularFile } from '../rollout/regular-file.ts';

/** What is noted of a turn while it runs. */
export const OpenTurnNote = z.object({
  /** Of the rollout, when the turn began. */
  path: z.string().refine(isAbsolute, 'must be absolute'),
  /** Size of the rollout in bytes before the turn's input. */
  offset: z.int().nonnegative(),
  /** UTC, with milliseconds. */
  startedAt: z.string(),
});
export type OpenTurnNote = z.infer<typeof OpenTurnNote>;

/** Either the note or, for a file that is none, what is wrong with it. */
export type ReadNote =
  | { readonly note: OpenTurnNote; readonly misfit?: never }
  | { readonly misfit: string; readonly note?: never };

const LARGEST_NOTE = 16 * 1024;

/** Writes the file, readable by its owner only, and the folders above it where they are missing. */
export function writeNote(path: string, note: OpenTurnNote, files: FileSystem): void {
  const bytes = Buffer.from(JSON.stringify(note));
  const fd = openForWriting(path, files);
  try {
    if (files.writeSync(fd, bytes) < bytes.length) throw new Error(`${path} was written in part`);
  } finally {
    files.closeSync(fd);
  }
}

function openForWriting(path: string, files: FileSystem): number {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;
  const open = () => files.openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, 0o600);
  try {
    return open();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    files.mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return open();
  }
}

/** Makes the content durable; a note that is gone by now needs no more. */
export async function syncNote(path: string, files: FileSystem): Promise<void> {
  try {
    await using file = await openRegularFile(path, constants.O_RDONLY | constants.O_NOFOLLOW, files);
    await file.sync();
  } catch (error) {
    if (!(error instanceof RolloutError && error.code === 'ENOENT')) throw error;
  }
}

/** @throws RolloutError when the file cannot be read at the moment */
export async function readNote(path: string, files: FileSystem): Promise<ReadNote> {
  try {
    await using file = await openRegularFile(path, constants.O_RDONLY | constants.O_NOFOLLOW, files);
    if ((await file.stat()).size > LARGEST_NOTE) return { misfit: 'it is too large' };
    return parseNote(await file.readFile('utf8'));
  } catch (error) {
    if (error instanceof RolloutError && isNoFile(error)) return { misfit: 'it is not a file' };
    throw error;
  }
}

const isNoFile = ({ fault, code }: RolloutError): boolean => fault === 'not_a_file' || code === 'ELOOP';

function parseNote(text: string): ReadNote {
  const { success, data, error } = OpenTurnNote.safeParse(safeParse(text));
  return success ? { note: data } : { misfit: z.prettifyError(error) };
}
