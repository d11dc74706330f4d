import type { Writable } from 'node:stream';

export interface LineWriter {
  /** @returns `false` when the line was dropped */
  write(line: string): boolean;
  /** Waits until the reader has taken everything, at most `limitMs`. */
  flush(limitMs: number): Promise<void>;
}

const MAX_QUEUED_BYTES = 1024 * 1024;

/**
 * Writes to a stream whose reader may stall or go away: the daemon is never held up and never grows by it. Lines
 * beyond 1 MiB of backlog are dropped.
 */
export function createLineWriter(stream: Writable): LineWriter {
  // A reader that went away (EPIPE, EIO on a closed terminal) is no reason to stop.
  stream.on('error', () => {});
  return {
    write(line) {
      if (stream.writableLength > MAX_QUEUED_BYTES) return false;
      stream.write(line);
      return true;
    },
    flush: (limitMs) => flush(stream, limitMs),
  };
}

function flush(stream: Writable, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    stream.write('', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
