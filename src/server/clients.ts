import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Client } from '../rpc/client.ts';
import type { Outbox } from './outbox.ts';

const nothing = (): void => {};

/** The client of a single HTTP request: it ends with its answer and receives nothing else. */
export function requestClient(id: string, answer?: ServerResponse): Client {
  const client: Client = {
    id,
    kind: 'request',
    transport: 'http',
    connectedAt: new Date(),
    info: undefined,
    initialized: false,
    extensions: true,
    queuedBytes: 0,
    deliver: nothing,
  };
  if (answer) client.whenGone = () => whenGone(answer);
  return client;
}

/** Made for those who ask only, since most answers take no time. */
function whenGone(answer: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (answer.destroyed) gone.abort();
  answer.once('close', () => gone.abort());
  return gone.signal;
}

export function connectionClient(
  transport: 'websocket' | 'sse',
  outbox: Pick<Outbox, 'event' | 'size'> & Partial<Pick<Outbox, 'events'>>,
): Client {
  return {
    ...(outbox.events && { deliverAll: (frames) => outbox.events?.(frames) }),
    info: undefined,
    initialized: false,
    extensions: true,
    id: randomUUID(),
    kind: 'connection',
    transport,
    connectedAt: new Date(),
    get queuedBytes() {
      return outbox.size;
    },
    deliver: (frame, replayed = false) => outbox.event(frame, replayed),
  };
}
