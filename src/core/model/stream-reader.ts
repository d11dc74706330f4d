import { setImmediate } from 'node:timers/promises';
import { readEvent } from './events.ts';
import { disconnected } from './failures.ts';
import { ReadTimeout, type ResponseBody } from './response-body.ts';
import { createEventDecoder } from './sse.ts';
import type { ModelEvent } from './types.ts';

export interface StreamOptions {
  /** Longest silence between two events, of whatever kind. Comments and bytes of an unfinished event do not count. */
  readonly idleTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Told once, at the end, how many events could not be understood, if any. */
  readonly onMalformed: (count: number) => void;
}

/**
 * The events of one answer, up to `completed`, as many at a time as arrived together; what follows is not looked at. Throws
 * `ModelError`, or the signal's reason once it is aborted. Time that the consumer takes does not count as silence.
 */
export async function* readStream(
  body: ResponseBody,
  { idleTimeoutMs, signal, onMalformed }: StreamOptions,
): AsyncGenerator<readonly ModelEvent[], void, undefined> {
  let malformed = 0;
  let completed = false;
  try {
    for await (const batch of readBatches(body, idleTimeoutMs, signal)) {
      const read = readEvents(batch);
      malformed += read.malformed;
      completed = read.events.at(-1)?.type === 'completed';
      if (read.events.length > 0) yield read.events;
      if (completed) return;
      signal.throwIfAborted();
      if (read.failure) throw read.failure.error;
    }
    throw disconnected('stream closed before response.completed');
  } finally {
    if (completed) body.discard();
    else body.close();
    if (malformed > 0) onMalformed(malformed);
  }
}

interface Read {
  /** Ends with the first `completed`. */
  readonly events: readonly ModelEvent[];
  readonly malformed: number;
  /** What stands in place of further events. */
  readonly failure?: { readonly error: unknown };
}

function readEvents(batch: readonly string[]): Read {
  const events: ModelEvent[] = [];
  let malformed = 0;
  try {
    for (const data of batch) {
      const event = readEvent(data);
      if (event === 'malformed') malformed += 1;
      if (typeof event === 'string') continue;
      events.push(event);
      if (event.type === 'completed') break;
    }
    return { events, malformed };
  } catch (error) {
    return { events, malformed, failure: { error } };
  }
}

/** The data of the events, as many at a time as a chunk completes. */
async function* readBatches(
  body: ResponseBody,
  idleTimeoutMs: number,
  signal: AbortSignal,
): AsyncGenerator<string[], void, undefined> {
  const decoder = createEventDecoder();
  let deadline = performance.now() + idleTimeoutMs;
  for (;;) {
    const chunk = await readChunk(body, deadline - performance.now(), signal);
    signal.throwIfAborted();
    if (!chunk) return;
    const batch = decoder.push(chunk);
    if (batch.length === 0) continue;
    yield batch;
    // A flood must not keep what it has brought from the clients, nor anybody else from being served.
    await setImmediate();
    deadline = performance.now() + idleTimeoutMs;
  }
}

async function readChunk(
  body: ResponseBody,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Uint8Array | undefined> {
  try {
    return await body.read(timeoutMs);
  } catch (error) {
    signal.throwIfAborted();
    const reason =
      error instanceof ReadTimeout
        ? 'idle timeout waiting for SSE'
        : 'Transport error: error decoding response body';
    throw disconnected(reason, { cause: error });
  }
}
