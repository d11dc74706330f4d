import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { WebSocket } from 'ws';

export interface Address {
  readonly url: string;
  readonly token: string;
}

export interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** One JSON-RPC client over a WebSocket. */
export interface Client {
  /** Rejects when there is no answer within 20 s, or the connection goes. */
  call(method: string, params?: object): Promise<Message>;
  answer(id: number, result: object): void;
  /** `hard` is a connection that breaks. */
  close(how?: 'hard'): Promise<void>;
}

const ANSWER_LIMIT_MS = 20_000;

export async function openClient(
  { url, token }: Address,
  onMessage: (message: Message) => void,
): Promise<Client> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const pending = new Map<number, (message: Message | Error) => void>();
  socket.on('message', (data) => {
    const message: Message = JSON.parse(data.toString());
    if (message.method !== undefined) onMessage(message);
    else pending.get(Number(message.id))?.(message);
  });
  socket.on('close', (code, reason) => {
    for (const settle of pending.values()) settle(new Error(`the connection was closed: ${code} ${reason}`));
  });
  await once(socket, 'open');
  let lastId = 0;
  return {
    call(method, params) {
      const id = ++lastId;
      return new Promise((resolve, reject) => {
        const late = new Error(`no answer to ${method} ${JSON.stringify(params)}`);
        const timer = setTimeout(() => pending.get(id)?.(late), ANSWER_LIMIT_MS);
        pending.set(id, (message) => {
          clearTimeout(timer);
          pending.delete(id);
          if (message instanceof Error) reject(message);
          else resolve(message);
        });
        socket.send(JSON.stringify({ id, method, params }));
      });
    },
    answer: (id, result) => socket.send(JSON.stringify({ id, result })),
    async close(how) {
      const closed = once(socket, 'close');
      if (how === 'hard') socket.terminate();
      else socket.close();
      await closed;
    },
  };
}

/** Reads the events of a conversation for nobody. Returns how to hang up. */
export async function openEvents({ url, token }: Address, conversationId: string): Promise<() => void> {
  const outgoing = request(`${url}/v1/conversations/${conversationId}/events`, {
    headers: { authorization: `Bearer ${token}` },
    agent: false,
  });
  outgoing.on('error', () => {});
  outgoing.end();
  const [response] = (await Promise.race([once(outgoing, 'response'), once(outgoing, 'close')])) as [
    IncomingMessage | undefined,
  ];
  response?.on('error', () => {}).resume();
  return () => outgoing.destroy();
}
