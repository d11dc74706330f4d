import type { FastifyBaseLogger } from 'fastify';
import { RpcError } from '../protocol/errors.ts';
import type { Client } from '../rpc/client.ts';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import { watchHandshake } from '../rpc/handshake.ts';
import { classify, type Incoming, MAX_BATCH, parseJson, type RequestId } from '../rpc/message.ts';
import { decodeUtf8 } from './body.ts';
import { toRpcError } from './errors.ts';

/** A client's answer to a request of the server. */
export interface ClientAnswer {
  readonly id: RequestId;
  readonly result?: unknown;
  readonly error?: unknown;
}

export interface ExchangeOptions {
  readonly dispatcher: Pick<Dispatcher, 'call'>;
  readonly log: FastifyBaseLogger;
  readonly onResponse: (client: Client, answer: ClientAnswer) => void;
}

/** JSON-RPC 2.0 with one client, whatever carries the messages. */
export interface Exchange {
  /** Requests that are being served. */
  readonly running: number;
  /**
   * Takes a message or a batch, as text or as bytes that have yet to prove to be text. Everything in it is dispatched
   * before this returns; the promise gives what to answer with, nothing if nothing asked for an answer. Never rejects.
   */
  receive(message: string | Uint8Array): Promise<Reply | undefined>;
}

export interface Reply {
  readonly text: string;
  /** The message could not be read as JSON: nothing was done. */
  readonly unreadable: boolean;
}

interface Answer {
  jsonrpc: '2.0';
  id: RequestId | null;
  result?: unknown;
  error?: object;
}

export function createExchange(client: Client, options: ExchangeOptions): Exchange {
  const { dispatcher, log, onResponse } = options;
  const watch = watchHandshake(client);
  const ids = new Set<RequestId>();
  let running = 0;

  function failure(id: RequestId | null, error: unknown, context: object = {}): Answer {
    const { code, message, data } = toRpcError(error, log, { ...context, client: client.id }).toErrorObject();
    // The 0.36 protocol knows errors of exactly two members.
    return { jsonrpc: '2.0', id, error: client.extensions ? { code, message, data } : { code, message } };
  }

  async function call(id: RequestId | null, method: string, params: unknown): Promise<Answer> {
    if (id !== null && ids.has(id))
      return failure(id, invalidRequest(`id ${id} is in use by a running request`));
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

  /** For messages that never get an answer, not even an error. */
  async function unanswered(serve: () => unknown, context: object): Promise<undefined> {
    try {
      await serve();
    } catch (error) {
      const known = error instanceof RpcError && error.kind !== 'internal';
      log[known ? 'debug' : 'error'](
        { ...context, err: error, client: client.id },
        'a message was not served',
      );
    }
  }

  async function take(message: Incoming): Promise<Answer | undefined> {
    watch(message);
    if (message.kind === 'invalid') return failure(message.id, message.error);
    if (message.kind === 'request') return call(message.id, message.method, message.params);
    if (message.kind === 'response')
      return unanswered(() => onResponse(client, message), { response: message.id });
    const { method, params } = message;
    return unanswered(() => dispatcher.call(method, params, { client }), { method });
  }

  async function takeBatch(messages: unknown[]): Promise<Answer | Answer[] | undefined> {
    if (messages.length === 0) return failure(null, invalidRequest('a batch must not be empty'));
    if (messages.length > MAX_BATCH) {
      return failure(null, invalidRequest(`a batch must not have more than ${MAX_BATCH} messages`));
    }
    const answers = await Promise.all(messages.map((message) => take(classify(message))));
    const given = answers.filter((answer) => answer !== undefined);
    return given.length > 0 ? given : undefined;
  }

  async function receive(message: string | Uint8Array): Promise<Reply | undefined> {
    let value: unknown;
    try {
      value = parseJson(typeof message === 'string' ? message : decodeUtf8(message));
    } catch (error) {
      return { text: JSON.stringify(failure(null, error)), unreadable: true };
    }
    const answer = await (Array.isArray(value) ? takeBatch(value) : take(classify(value)));
    return answer && { text: JSON.stringify(answer), unreadable: false };
  }

  return {
    receive,
    get running() {
      return running;
    },
  };
}

const invalidRequest = (message: string): RpcError => new RpcError('invalidRequest', message);
