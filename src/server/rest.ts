import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { MethodDef, RestBinding } from '../protocol/method.ts';
import { registry } from '../protocol/registry.ts';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import { checkIdempotencyKey } from '../rpc/idempotency.ts';
import { LongResult } from '../rpc/long-result.ts';
import { MAX_BODY, MAX_IMAGE_BODY } from './body.ts';
import { requestClient } from './clients.ts';
import { ERROR_RESPONSES } from './docs.ts';
import { coerceQuery, cutParams, fillTemplate, refuseConflicts, toRoutePath } from './rest-params.ts';

const SUCCESS: Readonly<Record<RestBinding['status'], string>> = {
  200: 'The result.',
  201: 'Made; `Location` leads to it.',
  202: 'Taken; events report what becomes of it.',
};

const KEYED = z.object({
  'idempotency-key': z.string().optional().meta({
    description:
      'The same call with the same key within 10 minutes gets the first answer, and is not run again.',
  }),
});

type Run = Pick<Dispatcher, 'run'>;

/** One route per method of the registry that has a REST form. */
export function addRest(app: FastifyInstance, dispatcher: Run): void {
  for (const def of registry.values()) {
    if (!def.rest) continue;
    addRoute(app, dispatcher, def, def.rest);
    if (def.rest.reading !== undefined) addReading(app, dispatcher, def, def.rest.reading);
  }
}

/** The GET beside a POST: what a method gives when nothing is asked of it. */
function addReading(app: FastifyInstance, dispatcher: Run, def: MethodDef, operationId: string): void {
  if (!def.rest) return;
  const { path, status } = def.rest;
  const paramless = { ...def, params: z.object({}) };
  addRoute(app, dispatcher, paramless, { verb: 'GET', path, status }, operationId);
}

function addRoute(
  app: FastifyInstance,
  dispatcher: Run,
  def: MethodDef,
  binding: RestBinding,
  operationId: string = def.name,
): void {
  const { path, rest, restIn } = cutParams(def.params, binding);
  app.route({
    method: binding.verb,
    url: toRoutePath(binding.path),
    bodyLimit: takesImages(def) ? MAX_IMAGE_BODY : MAX_BODY,
    schema: {
      operationId,
      summary: def.summary,
      tags: ['methods'],
      ...(def.keyed && { headers: KEYED }),
      ...(hasFields(path) && { params: path }),
      ...(hasFields(rest) && { [restIn]: rest }),
      response: {
        [binding.status]: {
          description: SUCCESS[binding.status],
          content: { 'application/json': { schema: def.result } },
        },
        ...ERROR_RESPONSES,
      },
    },
    preValidation(request, _reply, done) {
      if (restIn === 'querystring') request.query = coerceQuery(rest, fields(request.query));
      else request.body = mergeable(request);
      done();
    },
    // Most results are there at once, and waiting for a promise takes longer than making them.
    handler(request, reply) {
      const given = restIn === 'querystring' ? request.query : request.body;
      // Without fields there is no schema that would have removed what the method does not know.
      const params = { ...(hasFields(rest) && fields(given)), ...fields(request.params) };
      const client = requestClient(request.id, reply.raw);
      const outcome = dispatcher.run(def, params, { client, idempotencyKey: idempotencyKey(request) });
      const toBody = (result: unknown): string | Buffer => {
        reply.code(binding.status);
        const value = result instanceof LongResult ? result.value : result;
        if (binding.location) reply.header('location', fillTemplate(binding.location, fields(value)));
        reply.type('application/json; charset=utf-8');
        if (result instanceof LongResult) return Buffer.concat(result.pieces);
        return JSON.stringify(def.result.parse(result));
      };
      if (outcome instanceof Promise) return outcome.then((result) => reply.send(toBody(result)));
      // Answers to all that has come in one round leave together: a client that is woken by each is slower, and so are we.
      setImmediate(send, reply, toBody(outcome));
      return undefined;
    },
  });
}

const send = (reply: FastifyReply, body: string | Buffer): FastifyReply => reply.send(body);

function idempotencyKey({ headers }: FastifyRequest): string | undefined {
  const key = headers['idempotency-key'];
  return key === undefined ? undefined : checkIdempotencyKey(key, 'Idempotency-Key');
}

function mergeable(request: FastifyRequest): unknown {
  refuseConflicts(fields(request.params), request.body);
  return request.body ?? {};
}

const hasFields = (schema: MethodDef['params']): boolean => Object.keys(schema.shape).length > 0;

/** User input may hold images as data URLs. */
const takesImages = (def: MethodDef): boolean => 'items' in def.params.shape;

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
