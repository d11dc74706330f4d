import { setTimeout as sleep } from 'node:timers/promises';

/** How long an answer may take, in ms; some servers index every stored conversation first. */
const PATIENCE_MS = 300_000;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export interface Connection {
  call(method: string, params?: object): Promise<unknown>;
  notify(method: string): void;
  receive(text: string): void;
  /** Rejects what still waits. */
  fail(reason: Error): void;
}

/** The client's side of JSON-RPC over anything that carries texts. */
export function createConnection(send: (text: string) => void): Connection {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  const write = (message: object): void => send(JSON.stringify({ jsonrpc: '2.0', ...message }));

  async function tooLate(method: string, signal: AbortSignal): Promise<never> {
    await sleep(PATIENCE_MS, undefined, { signal });
    throw new Error(`no answer to ${method} within ${PATIENCE_MS / 1000} s`);
  }

  return {
    async call(method, params) {
      lastId += 1;
      const id = lastId;
      const answer = Promise.withResolvers<unknown>();
      const answered = new AbortController();
      waiting.set(id, answer);
      write({ id, method, params });
      try {
        return await Promise.race([answer.promise, tooLate(method, answered.signal)]);
      } finally {
        waiting.delete(id);
        answered.abort();
      }
    },
    notify: (method) => write({ method }),
    receive(text) {
      const { id, method, result, error }: Answer = JSON.parse(text);
      const answer = id === undefined || method !== undefined ? undefined : waiting.get(id);
      if (error) answer?.reject(new Error(error.message));
      else answer?.resolve(result);
    },
    fail(reason) {
      for (const answer of waiting.values()) answer.reject(reason);
    },
  };
}
