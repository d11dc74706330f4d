import type { FastifyBaseLogger } from 'fastify';
import { RpcError } from '../protocol/errors.ts';
import type { Client } from '../rpc/client.ts';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import type { RequestId } from '../rpc/message.ts';
import { toRpcError } from './errors.ts';

/** A response of JSON-RPC 2.0; has either `result` or `error`. */
export interface Response {
  jsonrpc: '2.0';
  id: RequestId | null;
  result?: unknown;
  error?: object;
}

export interface CallsOptions {
  readonly dispatcher: Pick<Dispatcher, 'call'>;
  readonly log: FastifyBaseLogger;
}

/** The running requests of one client. None of the functions rejects. */
export interface Calls {
  readonly running: number;
  call(id: RequestId | null, method: string, params: unknown): Promise<Response>;
  /** For messages that never get an answer, not even an error. */
  unanswered(serve: () => unknown, context: object): Promise<undefined>;
  failure(id: RequestId | null, error: unknown, context?: object): Response;
}

export function createCalls(client: Client, { dispatcher, log }: CallsOptions): Calls {
  const ids = new Set<RequestId>();
  let running = 0;

  function failure(id: RequestId | null, error: unknown, context: object = {}): Response {
    const { code, message, data } = toRpcError(error, log, { ...context, client: client.id }).toErrorObject();
    // The 0.36 protocol knows errors of exactly two members.
    return { jsonrpc: '2.0', id, error: client.extensions ? { code, message, data } : { code, message } };
  }

  async function call(id: RequestId | null, method: string, params: unknown): Promise<Response> {
    if (id !== null && ids.has(id)) return failure(id, idInUse(id));
    if (id !== null) ids.add(id);
    running += 1;
    try {
      return { jsonrpc: '2.0', id, result: await dispatcher.call(method, params, { client }) };
    } catch (error) {
      return failure(id, error, { method });
    } finally {
      running -= 1;
      if (id !== null) ids.delete(id);
    }
  }

  async function unanswered(serve: () => unknown, context: object): Promise<undefined> {
    try {
      await serve();
    } catch (err) {
      const expected = err instanceof RpcError && err.kind !== 'internal';
      log[expected ? 'debug' : 'error']({ ...context, err, client: client.id }, 'a message was not served');
    }
  }

  return {
    call,
    unanswered,
    failure,
    get running() {
      return running;
    },
  };
}

const idInUse = (id: RequestId): RpcError =>
  new RpcError('invalidRequest', `id ${id} is in use by a running request`);
