import { RpcError } from '../protocol/errors.ts';
import type { Client } from '../rpc/client.ts';
import { watchHandshake } from '../rpc/handshake.ts';
import { classify, type Incoming, MAX_BATCH, parseMessage, type RequestId } from '../rpc/message.ts';
import { decodeUtf8 } from './body.ts';
import { type CallsOptions, createCalls, type Response } from './calls.ts';
import { serialise } from './serialise.ts';

/** A client's answer to a request of the server. */
export interface ClientAnswer {
  readonly id: RequestId;
  readonly result?: unknown;
  readonly error?: unknown;
}

export interface ExchangeOptions extends CallsOptions {
  readonly onResponse: (client: Client, answer: ClientAnswer) => void;
}

export interface Reply {
  /** JSON; long texts in pieces. */
  readonly text: string | readonly Buffer[];
  /** The message could not be read as JSON: nothing was done. */
  readonly unreadable: boolean;
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

export function createExchange(client: Client, options: ExchangeOptions): Exchange {
  const { dispatcher, onResponse } = options;
  const calls = createCalls(client, options);
  const watch = watchHandshake(client);

  async function take(message: Incoming): Promise<Response | undefined> {
    watch(message);
    if (message.kind === 'invalid') return calls.failure(message.id, message.error);
    if (message.kind === 'request') return calls.call(message.id, message.method, message.params);
    if (message.kind === 'response') {
      return calls.unanswered(() => onResponse(client, message), { response: message.id });
    }
    const { method, params } = message;
    return calls.unanswered(() => dispatcher.call(method, params, { client }), { method });
  }

  async function takeBatch(messages: unknown[]): Promise<Response | Response[] | undefined> {
    const wrong = wrongSize(messages.length);
    if (wrong) return calls.failure(null, wrong);
    const answers = await Promise.all(messages.map((message) => take(classify(message))));
    const given = answers.filter((answer) => answer !== undefined);
    return given.length > 0 ? given : undefined;
  }

  async function receive(message: string | Uint8Array): Promise<Reply | undefined> {
    let value: unknown;
    try {
      value = parseMessage(typeof message === 'string' ? message : decodeUtf8(message));
    } catch (error) {
      return { text: JSON.stringify(calls.failure(null, error)), unreadable: true };
    }
    const answer = await (Array.isArray(value) ? takeBatch(value) : take(classify(value)));
    return answer && { text: serialise(answer), unreadable: false };
  }

  return {
    receive,
    get running() {
      return calls.running;
    },
  };
}

function wrongSize(length: number): RpcError | undefined {
  if (length === 0) return new RpcError('invalidRequest', 'a batch must not be empty');
  if (length <= MAX_BATCH) return undefined;
  return new RpcError('invalidRequest', `a batch must not have more than ${MAX_BATCH} messages`);
}
