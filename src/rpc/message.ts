import { scan } from 'secure-json-parse';
import { RpcError } from '../protocol/errors.ts';
import { findDuplicateMember } from './duplicate-members.ts';
import { findShapeProblem, type ShapeProblem } from './json-shape.ts';

export type RequestId = string | number;

/** One JSON-RPC frame, told apart by what it is. `jsonrpc` may be missing, because older clients leave it out. */
export type Incoming =
  | { kind: 'request'; id: RequestId | null; method: string; params: unknown }
  | { kind: 'notification'; method: string; params: unknown }
  | { kind: 'response'; id: RequestId; result?: unknown; error?: unknown }
  | { kind: 'invalid'; id: RequestId | null; error: RpcError };

export const MAX_DEPTH = 64;
const SHAPE_LIMITS = { depth: MAX_DEPTH, members: 10_000, elements: 100_000 };
export const MAX_BATCH = 100;

/** Text of a frame or body -> value. Throws `RpcError` `parse`, or `invalidRequest` for hostile shapes. */
export function parseJson(text: string): unknown {
  const reason = findShapeProblem(text, SHAPE_LIMITS);
  if (reason) throw new RpcError('invalidRequest', SHAPE_PROBLEMS[reason], { reason });
  try {
    const value: unknown = JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
    if (isContainer(value) && MAY_POISON.test(text)) scan(value);
    return value;
  } catch (cause) {
    throw new RpcError('parse', 'the message is not valid JSON', { cause });
  }
}

const BYTE_ORDER_MARK = '\uFEFF';
/** Names that change a prototype, or any that are written with escapes. Without one there is nothing to search for. */
const MAY_POISON = /__proto__|constructor|\\u/;

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

const SHAPE_PROBLEMS: Readonly<Record<ShapeProblem, string>> = {
  too_deep: `JSON is nested deeper than ${MAX_DEPTH} levels`,
  too_many_members: `an object has more than ${SHAPE_LIMITS.members} members`,
  too_many_elements: `a list has more than ${SHAPE_LIMITS.elements} elements`,
};

/** A JSON-RPC message or batch. Throws as `parseJson` does, and for a message that says a thing twice. */
export function parseMessage(text: string): unknown {
  const value = parseJson(text);
  const name = findDuplicateMember(text);
  if (name === undefined) return value;
  throw new RpcError('invalidRequest', `the message has ${name} twice`, { reason: 'duplicate_member' });
}

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
