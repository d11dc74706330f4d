import { once } from 'node:events';
import { WebSocket } from 'ws';

/** Where a daemon listens and what it wants to see. */
export interface Door {
  readonly url: string;
  readonly token: string;
}

/** One of many listeners: it notes the ids of the events it gets, and nothing else. */
export interface Listener {
  readonly ids: string[];
  /** Stops reading from its socket. */
  stall(): void;
  resume(): void;
  /** Resolves once it has any event. */
  any(): Promise<void>;
  /** Resolves once it has the event. */
  until(eventId: string): Promise<void>;
  /** Code with which the daemon closed it, or `undefined` while it is open. */
  readonly closedWith: number | undefined;
  close(): void;
}

const EVENT_ID = /"eventId":"([^"]+)"\}\}\}?$/;
/** Characters at the end of a message that have its id. */
const TAIL = 80;
/** Connections that are opened side by side, as many as a listening socket lets wait. */
const AT_ONCE = 50;

export async function openListener(
  door: Door,
  conversationId: string,
  afterEventId?: string,
): Promise<Listener> {
  const socket = new WebSocket(`${door.url.replace('http', 'ws')}/rpc`, {
    headers: { authorization: `Bearer ${door.token}` },
    maxPayload: 0,
  });
  const ids: string[] = [];
  const waiting = new Map<string, () => void>();
  const first = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  let closedWith: number | undefined;
  socket.on('message', (data: Buffer) => {
    const id = EVENT_ID.exec(data.toString('latin1', Math.max(0, data.length - TAIL)))?.[1];
    if (id === undefined) return answered.resolve();
    ids.push(id);
    first.resolve();
    waiting.get(id)?.();
  });
  socket.on('close', (code) => {
    closedWith = code;
  });
  socket.on('error', answered.reject);
  await Promise.race([once(socket, 'open'), answered.promise]);
  const params = { conversationId, ...(afterEventId !== undefined && { afterEventId }) };
  socket.send(JSON.stringify({ id: 1, method: 'addConversationListener', params }));
  await answered.promise;
  return {
    ids,
    stall: () => socket.pause(),
    resume: () => socket.resume(),
    any: () => first.promise,
    async until(eventId) {
      if (ids.includes(eventId)) return;
      await new Promise<void>((resolve) => waiting.set(eventId, resolve));
    },
    get closedWith() {
      return closedWith;
    },
    close: () => socket.terminate(),
  };
}

export async function openCrowd(door: Door, conversationId: string, count: number): Promise<Listener[]> {
  const crowd: Listener[] = [];
  while (crowd.length < count) {
    const next = Array.from({ length: Math.min(AT_ONCE, count - crowd.length) }, () =>
      openListener(door, conversationId),
    );
    crowd.push(...(await Promise.all(next)));
  }
  return crowd;
}
