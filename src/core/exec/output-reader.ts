import type { Readable } from 'node:stream';

/** Sees the bytes of an output, in order. They are only good until it returns. */
export type TakeOutput = (bytes: Buffer) => void;

/** One output of a running program. */
export interface OutputReader {
  /**
   * Hands on all that is written, until nobody can write any more. When `take` throws, the reading ends and that is
   * thrown. To be called once.
   */
  read(take: TakeOutput): Promise<void>;
  /** Ends the reading, also when somebody can still write. */
  close(): void;
}

/** Bytes after which everybody else has a turn: what a command prints costs much more to tell than to print. */
const BYTES_AT_ONCE = 128 * 1024;

interface Portions {
  /** False when the stream is to wait. */
  take(bytes: Buffer): boolean;
  /** Resolves when the stream is closed. */
  of(stream: Readable): Promise<void>;
}

export function readInPortions(take: TakeOutput): Portions {
  const done = Promise.withResolvers<void>();
  let left = BYTES_AT_ONCE;
  let source: Readable | undefined;
  const goOn = (): void => {
    left = BYTES_AT_ONCE;
    source?.resume();
  };
  return {
    take(bytes) {
      try {
        take(bytes);
      } catch (error) {
        source?.destroy(error instanceof Error ? error : new Error(String(error)));
        return false;
      }
      left -= bytes.length;
      if (left > 0) return true;
      setImmediate(goOn);
      return false;
    },
    of(stream) {
      source = stream;
      stream.on('error', done.reject);
      stream.once('close', done.resolve);
      return done.promise;
    },
  };
}

/** Reads a stream of Node's own. */
export function readerOver(stream: Readable): OutputReader {
  return {
    read(take) {
      const portions = readInPortions(take);
      stream.on('data', (bytes: Buffer) => {
        if (!portions.take(bytes)) stream.pause();
      });
      return portions.of(stream);
    },
    close: () => stream.destroy(),
  };
}
