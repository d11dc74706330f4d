import { parse } from 'secure-json-parse';
import { RpcError } from '../protocol/errors.ts';
import { isNestedDeeperThan } from './json-depth.ts';

export type RequestId = string | number;

/** One JSON-RPC frame, told apart by what it is. `jsonrpc` may be missing, because older clients leave it out. */
export type Incoming =
  | { kind: 'request'; id: RequestId | null; method: string; params: unknown }
  | { kind: 'notification'; method: string; params: unknown }
  | { kind: 'response'; id: RequestId; result?: unknown; error?: unknown }
  | { kind: 'invalid'; id: RequestId | null; error: RpcError };

export const MAX_DEPTH = 64;
export const MAX_BATCH = 100;

/** Text of a frame or body -> value. Throws `RpcError` `parse`, or `invalidRequest` for hostile shapes. */
export function parseJson(text: string): unknown {
  if (isNestedDeeperThan(text, MAX_DEPTH)) {
    throw new RpcError('invalidRequest', `JSON is nested deeper than ${MAX_DEPTH} levels`, {
      reason: 'too_deep',
    });
  }
  try {
    return parse(text, undefined, { protoAction: 'error', constructorAction: 'error' });
  } catch (cause) {
    throw new RpcError('parse', 'the message is not valid JSON', { cause });
  }
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

export function classify(value: unknown): Incoming {
  if (!isContainer(value) || Array.isArray(value)) return invalid(null, 'a message must be an object');
  const { id, method, params, result, error, jsonrpc } = value as Record<string, unknown>;
  const replyId = isId(id) ? id : null;
  if (jsonrpc !== undefined && jsonrpc !== '2.0') return invalid(replyId, 'jsonrpc must be "2.0"');
  if (method === undefined && (result !== undefined || error !== undefined)) {
    return isId(id) ? { kind: 'response', id, result, error } : invalid(null, 'a response needs an id');
  }
  if (typeof method !== 'string') return invalid(replyId, 'method must be a string');
  if (id === undefined) return { kind: 'notification', method, params };
  if (id !== null && !isId(id)) return invalid(null, 'id must be a string or a safe integer');
  return { kind: 'request', id, method, params };
}

const isId = (id: unknown): id is RequestId => typeof id === 'string' || Number.isSafeInteger(id);

const invalid = (id: RequestId | null, message: string): Incoming => ({
  kind: 'invalid',
  id,
  error: new RpcError('invalidRequest', message),
});
