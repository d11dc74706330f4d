import { constants, type Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { FileSystem } from '../files/file-system.ts';
import { openRegularFile } from './regular-file.ts';

const CHUNK_BYTES = 256 * 1024;

async function readChunk(file: FileHandle, position: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, position);
  return buffer.subarray(0, bytesRead);
}

async function haveSameBytes(a: string, b: string, files: FileSystem): Promise<boolean> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW;
  await using first = await openRegularFile(a, flags, files);
  await using second = await openRegularFile(b, flags, files);
  for (let position = 0; ; position += CHUNK_BYTES) {
    const [chunk, other] = await Promise.all([readChunk(first, position), readChunk(second, position)]);
    if (!chunk.equals(other)) return false;
    if (chunk.length < CHUNK_BYTES) return true;
  }
}

/** `undefined` for what is missing, and for what this process may not look at. */
export function statsOf(path: string, files: FileSystem): Stats | undefined {
  try {
    return files.lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const isRegular = (stats: Stats): boolean => stats.isFile();

/**
 * True when both are names of one file, or one is a whole copy of the other on another file system.
 * @throws `ENOENT` when either is missing
 */
export async function isSameFile(a: string, b: string, files: FileSystem): Promise<boolean> {
  const [first, second] = [files.lstatSync(a), files.lstatSync(b)];
  if (!isRegular(first) || !isRegular(second)) return false;
  if (first.dev === second.dev) return first.ino === second.ino;
  return first.size === second.size && (await haveSameBytes(a, b, files));
}
