import {
  ErrorCode,
  type JSONRPCMessage,
  JSONRPCMessageSchema,
  RequestIdSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { parse } from 'secure-json-parse';
import { z } from 'zod';

/** Deeper values overflow the stack of those who read or write them. */
const MAX_DEPTH = 128;

/** The least by which an answer can be told and given to the request that waits for it. */
const Answer = z.object({
  id: RequestIdSchema,
  method: z.undefined().optional(),
  result: z.looseObject({}).optional().catch(undefined),
});

/**
 * A line of a server, or `undefined` when it is no message. An answer that is not as JSON-RPC wants it is taken for
 * what it says, or for an error if it says nothing, so that the request does not wait for ever.
 */
export function readMessage(line: string): JSONRPCMessage | undefined {
  const value = parseLine(line);
  if (isDeeperThan(value, MAX_DEPTH)) return undefined;
  const message = JSONRPCMessageSchema.safeParse(value);
  if (message.success) return message.data;
  const answer = Answer.safeParse(value);
  if (!answer.success) return undefined;
  const { id, result } = answer.data;
  if (result) return { jsonrpc: '2.0', id, result };
  return { jsonrpc: '2.0', id, error: { code: ErrorCode.InternalError, message: 'the answer is not valid' } };
}

function parseLine(line: string): unknown {
  try {
    return parse(line, undefined, { protoAction: 'remove', constructorAction: 'remove' });
  } catch {
    return undefined;
  }
}

function isDeeperThan(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return limit === 0 || Object.values(value).some((member) => isDeeperThan(member, limit - 1));
}
