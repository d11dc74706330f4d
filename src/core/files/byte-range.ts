import type { FileHandle } from 'node:fs/promises';

const BLOCK = 256 * 1024;

/** The bytes from `start` to `end`, fewer when the file ends before. */
export async function readRange(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** Writes all of the bytes, however few the system takes at once. */
export async function writeAll(file: FileHandle, bytes: Buffer, position: number | null): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const at = position === null ? null : position + written;
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, at);
    written += bytesWritten;
  }
}

/** Copies the bytes from `start` to `end` to where `to` is written next. */
export async function copyRange(from: FileHandle, to: FileHandle, start: number, end: number): Promise<void> {
  for (let position = start; position < end; position += BLOCK)
    await writeAll(to, await readRange(from, position, Math.min(end, position + BLOCK)), null);
}
