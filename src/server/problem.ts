import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { ERRORS, type RpcError } from '../protocol/errors.ts';

/** Schema of every error answer of REST (RFC 9457), for the documents. */
export const Problem = z
  .looseObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.int().meta({ description: 'The JSON-RPC error code.' }),
    reason: z.string().meta({ description: 'Stable word for programs.' }),
    instance: z.string().optional().meta({ description: 'Finds an internal error in the log.' }),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'What went wrong (RFC 9457).' });

export const PROBLEM_TYPE = 'application/problem+json';

/** Statuses that HTTP tells apart and JSON-RPC does not. */
const STATUS_BY_REASON: Readonly<Record<string, number>> = { uri_too_long: 414, headers_too_large: 431 };

/** Sends bytes, because Fastify would give text a charset, which this type does not have. */
export function sendProblem(reply: FastifyReply, error: RpcError): FastifyReply {
  const body = problemDocument(error);
  if (reply.request.headers.upgrade !== undefined) hangUp(reply);
  return reply
    .code(body.status)
    .headers(headersOf(error))
    .type(PROBLEM_TYPE)
    .send(Buffer.from(JSON.stringify(body)));
}

/** A socket that was to be upgraded is nobody's any more: the HTTP server would leave it open. */
function hangUp(reply: FastifyReply): void {
  reply.header('connection', 'close');
  reply.raw.once('finish', () => reply.request.raw.socket.destroySoon());
}

export function problemDocument(error: RpcError) {
  const problem = error.toProblem();
  return {
    ...problem,
    status: STATUS_BY_REASON[error.reason] ?? problem.status,
    // One type for whatever is wrong with a credential; `reason` tells the cases apart (SEC-DISC-3).
    ...(error.kind === 'unauthorized' && { type: 'urn:codexd:problem:unauthorized' }),
  };
}

function headersOf({ kind, reason, data }: RpcError): Record<string, string> {
  if (kind === 'unauthorized') return { 'www-authenticate': challenge(reason) };
  return ERRORS[kind].retryable ? { 'retry-after': String(data?.retryAfter ?? 1) } : {};
}

/** Never `Basic`, which would open the browser's password box over a page that cannot use it. */
export const challenge = (reason: string): string =>
  reason === 'credential_missing' ? 'Bearer realm="codexd"' : 'Bearer realm="codexd", error="invalid_token"';
