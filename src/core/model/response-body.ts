import type { Dispatcher } from 'undici';

/** Bytes kept for a reader that is busy before the sender is made to wait. */
const HIGH_WATER = 1024 * 1024;

/** Bytes that are read at once, when so many are there. */
const READ_AT_ONCE = 64 * 1024;

/** What is read after the last byte of interest so that the connection can be used again. */
const DISCARD_LIMIT = 256 * 1024;
const DISCARD_TIMEOUT_MS = 1000;

/** No chunk came in the time that the reader was willing to wait. */
export class ReadTimeout extends Error {
  override readonly name = 'ReadTimeout';
}

/** The body of an answer, read piece by piece by one reader. */
export interface ResponseBody {
  /**
   * What has come meanwhile, or comes next; `undefined` at the end. What was received before a failure comes before the failure. Rejects with
   * `ReadTimeout`, and closes the connection, when nothing comes for `timeoutMs`.
   */
  read(timeoutMs: number): Promise<Uint8Array | undefined>;
  /** Closes the connection, unless the body was read to its end. */
  close(): void;
  /** Forgets the rest. The connection is kept when the rest is short and comes soon. */
  discard(): void;
}

/** The side of a body that the HTTP client fills. */
export interface BodySink {
  push(chunk: Uint8Array): void;
  end(): void;
  fail(error: Error): void;
}

export function createResponseBody(controller: Dispatcher.DispatchController): ResponseBody & BodySink {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let outcome: { error?: Error } | undefined;
  let discarding: NodeJS.Timeout | undefined;
  let wake = () => {};

  function settle(result: { error?: Error }): void {
    outcome ??= result;
    clearTimeout(discarding);
    wake();
  }

  function abort(error: Error): void {
    if (outcome) return;
    settle({ error });
    controller.abort(error);
  }

  function take(): Uint8Array | undefined {
    let count = 0;
    let length = 0;
    while (count < chunks.length && length < READ_AT_ONCE) {
      length += chunks[count]?.length ?? 0;
      count += 1;
    }
    const taken = chunks.splice(0, count);
    size -= length;
    if (size < HIGH_WATER && controller.paused) controller.resume();
    return taken.length > 1 ? Buffer.concat(taken, length) : taken[0];
  }

  async function arrival(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      timer = setTimeout(() => abort(new ReadTimeout(`nothing came for ${timeoutMs} ms`)), timeoutMs);
    });
    clearTimeout(timer);
  }

  return {
    push(chunk) {
      size += chunk.length;
      if (discarding && size > DISCARD_LIMIT) abort(new Error('the rest of the answer is too long'));
      if (discarding) return;
      chunks.push(chunk);
      if (size >= HIGH_WATER) controller.pause();
      wake();
    },
    end: () => settle({}),
    fail: (error) => settle({ error }),
    async read(timeoutMs) {
      if (chunks.length === 0 && !outcome) await arrival(timeoutMs);
      const bytes = take();
      if (!bytes && outcome?.error) throw outcome.error;
      return bytes;
    },
    close: () => abort(new Error('the answer is not wanted any more')),
    discard() {
      chunks.length = 0;
      size = 0;
      if (outcome) return;
      discarding = setTimeout(() => abort(new Error('the answer does not end')), DISCARD_TIMEOUT_MS);
      if (controller.paused) controller.resume();
    },
  };
}
