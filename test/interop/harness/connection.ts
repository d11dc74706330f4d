import type { Message, Reply, ServerRequestHandler, Target } from './target.ts';

const DEFAULT_PATIENCE = 10_000;

interface Waiter {
  look(): void;
  fail(reason: Error): void;
}

export type Connection = Omit<Target, 'stop' | 'welcome'> & {
  receive(text: string): void;
  /** Rejects everything that still waits. */
  close(reason: Error): void;
};

/** The client's side of JSON-RPC over anything that carries texts. */
export function createConnection(send: (text: string) => void): Connection {
  const messages: Message[] = [];
  const waiters = new Set<Waiter>();
  let answerServer: ServerRequestHandler = () => undefined;
  let lastId = 0;
  let closed: Error | undefined;

  const write = (message: object) => send(JSON.stringify({ jsonrpc: '2.0', ...message }));

  const waitFor: Target['waitFor'] = (matches, { from, patience, what }) =>
    new Promise((resolve, reject) => {
      let next = from;
      const timer = setTimeout(() => waiter.fail(new Error(`waited ${patience} ms for ${what}`)), patience);
      const settle = () => {
        clearTimeout(timer);
        waiters.delete(waiter);
      };
      const waiter: Waiter = {
        look() {
          for (; next < messages.length; next++) {
            const message = messages[next];
            if (!message || !matches(message)) continue;
            settle();
            resolve({ message, index: next });
            return;
          }
        },
        fail(reason) {
          settle();
          reject(reason);
        },
      };
      waiters.add(waiter);
      waiter.look();
      if (closed) waiter.fail(closed);
    });

  async function serve(request: Message): Promise<void> {
    const result = await answerServer(request);
    if (result !== undefined) write({ id: request.id, result });
  }

  return {
    messages,
    waitFor,
    sendText: send,
    notify: (method, params) => write({ method, params }),
    onServerRequest(handler) {
      answerServer = handler;
    },
    async request(method, params, patience = DEFAULT_PATIENCE): Promise<Reply> {
      const id = ++lastId;
      const from = messages.length;
      write({ id, method, params });
      const isReply = (message: Message) => message.id === id && message.method === undefined;
      try {
        const { message } = await waitFor(isReply, { from, patience, what: `the answer to ${method}` });
        return message.error === undefined ? { result: message.result } : { error: message.error };
      } catch (error) {
        if (closed) throw error;
        return { noAnswer: true };
      }
    },
    receive(text) {
      const message: Message = JSON.parse(text);
      messages.push(message);
      for (const waiter of waiters) waiter.look();
      if (message.method !== undefined && message.id !== undefined) void serve(message);
    },
    close(reason) {
      closed = reason;
      for (const waiter of [...waiters]) waiter.fail(reason);
    },
  };
}

/**
 * Says hello as a Codex 0.36 client does, so that a server of several generations speaks this one. Gives the answer.
 */
export async function handshake(connection: Connection): Promise<Reply> {
  const reply = await connection.request('initialize', {
    protocolVersion: '2025-03-26',
    capabilities: {},
    clientInfo: { name: 'interop', version: '1.2.3' },
  });
  connection.notify('notifications/initialized');
  return reply;
}
