import type { FileSystem } from '../files/file-system.ts';
import { storageConflict } from './storage-failure.ts';

const NEWLINE = 0x0a;

/** More than this by another program at once cannot be taken in without stopping everybody else. */
const MAX_FOREIGN_BYTES = 64 * 1024 * 1024;

export function endsWithNewline(files: FileSystem, fd: number, end: number): boolean {
  const last = Buffer.alloc(1);
  return end === 0 || (files.readSync(fd, last, 0, 1, end - 1) === 1 && last[0] === NEWLINE);
}

function readWhole(files: FileSystem, fd: number, start: number, end: number): Buffer {
  const bytes = Buffer.allocUnsafe(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const taken = files.readSync(fd, bytes, filled, bytes.length - filled, start + filled);
    if (taken === 0) break;
    filled += taken;
  }
  return bytes.subarray(0, filled);
}

/**
 * The whole lines that somebody else put between `start` and `end`, without empty ones.
 * @throws RolloutError `storage_conflict` when it is too much to be read
 */
export function foreignLines(
  files: FileSystem,
  file: { readonly fd: number; readonly path: string },
  start: number,
  end: number,
): string[] {
  if (end - start > MAX_FOREIGN_BYTES)
    throw storageConflict(file.path, `somebody else appended ${end - start} bytes`);
  const bytes = readWhole(files, file.fd, start, end);
  const whole = bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1);
  return whole
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
}
