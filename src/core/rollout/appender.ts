import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { RolloutError, toRolloutError } from './errors.ts';

const NEWLINE = 0x0a;

/** The append calls of a file; replaced where a test wants them to fail. */
export interface AppendCalls {
  readonly fstatSync: typeof fstatSync;
  readonly ftruncateSync: typeof ftruncateSync;
  readonly readSync: typeof readSync;
  readonly writeSync: typeof writeSync;
}

export const REAL_CALLS: AppendCalls = { fstatSync, ftruncateSync, readSync, writeSync };

function writeWhole(calls: AppendCalls, fd: number, bytes: Buffer, count: (bytes: number) => void): void {
  for (let written = 0; written < bytes.length; ) {
    const taken = calls.writeSync(fd, bytes, written, bytes.length - written);
    written += taken;
    count(taken);
  }
}

/** Takes back what a failed append did get into the file, unless somebody else wrote after it. */
function takeBack(calls: AppendCalls, fd: number, start: number, written: number): void {
  try {
    if (calls.fstatSync(fd).size === start + written) calls.ftruncateSync(fd, start);
  } catch {
    // The failure that led here is what the caller is told; the next append finds the torn end.
  }
}

function endsWithNewline(calls: AppendCalls, fd: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size === 0 || (calls.readSync(fd, last, 0, 1, size - 1) === 1 && last[0] === NEWLINE);
}

/**
 * Appends whole lines to a file opened with O_APPEND, each with one write as long as the system takes it whole. The
 * write is synchronous: it only fills the page cache, and the order of records is then that of the calls.
 */
export function lineAppender(path: string, fd: number, calls: AppendCalls = REAL_CALLS) {
  let size = calls.fstatSync(fd).size;

  /** The size to append at; other programs may have appended, but not taken anything away. */
  const currentSize = (): number => {
    const stats = calls.fstatSync(fd);
    if (stats.nlink === 0)
      throw new RolloutError('file_lost', `cannot append to ${path}: the file was removed or replaced`);
    if (stats.size < size)
      throw new RolloutError('file_lost', `cannot append to ${path}: somebody else shortened the file`);
    return stats.size;
  };

  return {
    /**
     * All of the lines or none, as far as the file system lets us.
     * @throws RolloutError `io` or `file_lost`, naming the path and the cause
     */
    append(lines: readonly string[]): void {
      const start = currentSize();
      // A foreign or failed write may have left a torn line, which must not swallow ours.
      const isTorn = start !== size && !endsWithNewline(calls, fd, start);
      const buffers = lines.map((line, index) => Buffer.from(isTorn && index === 0 ? `\n${line}` : line));
      let written = 0;
      const count = (bytes: number): void => {
        written += bytes;
      };
      try {
        for (const bytes of buffers) writeWhole(calls, fd, bytes, count);
      } catch (error) {
        takeBack(calls, fd, start, written);
        throw toRolloutError(error, `cannot append to ${path}`);
      }
      size = start + written;
    },
  };
}
