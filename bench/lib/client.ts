import type { Wire } from './wire.ts';

/** How long an answer may take, in ms; some servers index every stored conversation first. */
const PATIENCE_MS = 300_000;

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** One connection to a server, JSON-RPC over any wire. */
export interface Client {
  readonly wire: Wire;
  /** Resolves with the result. @throws when the answer is an error or does not come in time */
  call(method: string, params?: object): Promise<unknown>;
  notify(method: string): void;
}

export function createClient(wire: Wire): Client {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let lastId = 0;
  const write = (message: object): void =>
    wire.write(wire.encode(JSON.stringify({ jsonrpc: '2.0', ...message })));

  wire.listen((message) => {
    if (waiting.size === 0) return;
    const { id, method, result, error }: Answer = JSON.parse(message.toString());
    const answer = id === undefined || method !== undefined ? undefined : waiting.get(id);
    if (error) answer?.reject(new Error(error.message));
    else answer?.resolve(result);
  });
  void wire.ended.then((reason) => {
    for (const answer of waiting.values()) answer.reject(reason);
  });

  return {
    wire,
    async call(method, params) {
      lastId += 1;
      const id = lastId;
      const answer = Promise.withResolvers<unknown>();
      const tooLate = (): void =>
        answer.reject(new Error(`no answer to ${method} within ${PATIENCE_MS / 1000} s`));
      const timer = setTimeout(tooLate, PATIENCE_MS);
      waiting.set(id, answer);
      write({ id, method, params });
      return answer.promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(id);
      });
    },
    notify: (method) => write({ method }),
  };
}
