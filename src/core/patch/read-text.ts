import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { describeSystemError } from '../config/system-error.ts';

/**
 * Reads a regular file. Never waits for a pipe and never reads a device: those are errors, as directories are.
 * @throws {Error} the system error, or one whose message says what stands at the path
 */
export async function readRegularFile(file: string): Promise<Buffer> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw new Error('Is a directory (os error 21)');
    if (!stats.isFile()) throw new Error('not a regular file');
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** The text of UTF-8 bytes, a byte order mark included; `undefined` when they are something else. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Why a file could not be read, in the words that end the reference's messages (protocol-v1, section 12). */
export function describeReadError(error: unknown): string {
  if (error instanceof Error && !('errno' in error)) return error.message;
  return describeSystemError(error);
}
