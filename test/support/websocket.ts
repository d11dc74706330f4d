import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';
import { TOKEN } from './doors.ts';

export interface Message {
  id?: string | number | null;
  method?: string;
  params?: Record<string, unknown>;
  result?: unknown;
  error?: { code: number; message: string; data?: Record<string, unknown> };
}

/** A WebSocket client that keeps what it receives until it is asked for. */
export interface Peer {
  readonly socket: WebSocket;
  send(message: unknown): void;
  /** The next message or batch that has not been taken yet. */
  next(): Promise<Message>;
  call(method: string, params?: unknown): Promise<Message>;
  /** Close code and reason. */
  readonly closed: Promise<[number, string]>;
}

export async function openWebSocket(
  url: string,
  { path = '/rpc', ...options }: ClientOptions & { path?: string } = {},
): Promise<Peer> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, {
    headers: { authorization: `Bearer ${TOKEN}` },
    ...options,
  });
  const peer = wrap(socket);
  await once(socket, 'open');
  return peer;
}

function wrap(socket: WebSocket): Peer {
  const received: Message[] = [];
  const waiting: ((message: Message) => void)[] = [];
  let lastId = 0;
  socket.on('message', (data) => {
    const message: Message = JSON.parse(data.toString());
    const first = waiting.shift();
    if (first) first(message);
    else received.push(message);
  });
  const next = (): Promise<Message> => {
    const message = received.shift();
    return message ? Promise.resolve(message) : new Promise((resolve) => waiting.push(resolve));
  };
  const send = (message: unknown): void =>
    socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  return {
    socket,
    send,
    next,
    async call(method, params) {
      lastId += 1;
      send({ id: lastId, method, params });
      for (;;) {
        const message = await next();
        if (message.id === lastId) return message;
      }
    },
    closed: new Promise((resolve) => socket.once('close', (code, reason) => resolve([code, String(reason)]))),
  };
}
