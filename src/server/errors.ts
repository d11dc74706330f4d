import { randomUUID } from 'node:crypto';
import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { type ErrorKind, RpcError } from '../protocol/errors.ts';
import { invalidParams } from '../rpc/dispatcher.ts';
import { sendProblem } from './problem.ts';

export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = fromFastify(error) ?? error;
  const context = { method: request.method, route: request.routeOptions.url, requestId: request.id };
  return sendProblem(reply, toRpcError(known, request.log, context));
}

/** Errors that are not meant for the wire are logged whole; the answer only has the id to find them by. */
export function toRpcError(error: unknown, log: FastifyBaseLogger, context: object): RpcError {
  if (error instanceof RpcError && error.kind !== 'internal') return error;
  const instance = `urn:uuid:${randomUUID()}`;
  log.error({ ...context, err: error, instance }, 'a call failed');
  if (!(error instanceof RpcError)) {
    return new RpcError('internal', `internal error ${instance}`, { data: { instance } });
  }
  return new RpcError('internal', error.message, { reason: error.reason, data: { ...error.data, instance } });
}

const KIND_BY_STATUS: Readonly<Record<number, ErrorKind>> = {
  400: 'invalidRequest',
  413: 'tooLarge',
  415: 'unsupportedMediaType',
};

/** Fastify's own refusals: schema violations and bodies that it could not take. */
function fromFastify(error: unknown): RpcError | undefined {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issues = error.validation.map(({ instancePath, message = 'not accepted' }) => ({
      code: 'custom' as const,
      path: instancePath.split('/').slice(1),
      message,
    }));
    return invalidParams({ issues });
  }
  if (!(error instanceof Error) || error instanceof RpcError) return undefined;
  const kind = KIND_BY_STATUS['statusCode' in error ? Number(error.statusCode) : 0];
  return kind && new RpcError(kind, error.message);
}
