import type { Writable } from 'node:stream';

export interface LineWriter {
  /**
   * A line goes out at the end of the turn of the event loop, or when there are many, every ten milliseconds with all that
   * came meanwhile, since one write for each costs more than making the line. An urgent one goes at once, with all that
   * came before it.
   *
   * @returns `false` when the line was dropped
   */
  write(line: string, urgent?: boolean): boolean;
  /** Writes what waits, at once: the process may end. */
  writeAll(): void;
  /** Waits until the reader has taken everything, at most `limitMs`. */
  flush(limitMs: number): Promise<void>;
}

const MAX_QUEUED_BYTES = 1024 * 1024;
/** Characters that wait at most; a turn of the event loop may be long. */
const MAX_WAITING = 64 * 1024;
/** Milliseconds between two writes that nothing makes urgent. */
const INTERVAL = 10;

/**
 * Writes to a stream whose reader may stall or go away: the daemon is never held up and never grows by it. Lines
 * beyond 1 MiB of backlog are dropped.
 */
export function createLineWriter(stream: Writable): LineWriter {
  let waiting = '';
  let isPlanned = false;
  let writtenAt = Number.NEGATIVE_INFINITY;

  function writeAll(): void {
    if (waiting === '') return;
    const lines = waiting;
    waiting = '';
    writtenAt = performance.now();
    stream.write(lines);
  }

  function writePlanned(): void {
    isPlanned = false;
    writeAll();
  }

  function plan(): void {
    if (isPlanned) return;
    isPlanned = true;
    const wait = writtenAt + INTERVAL - performance.now();
    if (wait > 0) setTimeout(writePlanned, wait);
    else setImmediate(writePlanned);
  }

  // A reader that went away (EPIPE, EIO on a closed terminal) is no reason to stop.
  stream.on('error', () => {});
  return {
    write(line, urgent = false) {
      if (stream.writableLength > MAX_QUEUED_BYTES) return false;
      waiting += line;
      if (urgent || waiting.length > MAX_WAITING) writeAll();
      else plan();
      return true;
    },
    writeAll,
    flush(limitMs) {
      writeAll();
      return drained(stream, limitMs);
    },
  };
}

function drained(stream: Writable, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs);
    stream.write('', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
