import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { MAX_IMAGE_BODY } from './body.ts';
import { requestClient } from './clients.ts';
import { ERROR_RESPONSES } from './docs.ts';
import { createExchange, type ExchangeOptions } from './exchange.ts';

const RpcRequest = z
  .object({
    jsonrpc: z.literal('2.0').optional(),
    id: z.union([z.string(), z.int(), z.null()]).optional(),
    method: z.string(),
    params: z.looseObject({}).nullish(),
  })
  .meta({
    id: 'RpcRequest',
    description: 'JSON-RPC 2.0; without `id` a notification, which gets no answer.',
  });

const RpcAnswer = z
  .object({
    jsonrpc: z.literal('2.0'),
    id: z.union([z.string(), z.int(), z.null()]),
    result: z.unknown().optional(),
    error: z.object({ code: z.int(), message: z.string(), data: z.looseObject({}).optional() }).optional(),
  })
  .meta({ id: 'RpcAnswer', description: 'Has either `result` or `error`.' });

const oneOrMany = <T extends z.ZodType>(type: T) => z.union([type, z.array(type)]);

const SCHEMA = {
  operationId: 'rpc',
  summary: 'Call any method by JSON-RPC 2.0, one request or a batch.',
  description:
    'Answers 200 to whatever was readable as JSON-RPC, errors included; 202 without a body when nothing asked for an ' +
    'answer; 400 with a JSON-RPC error when the body is not JSON.',
  tags: ['json-rpc'],
  body: oneOrMany(RpcRequest),
  response: {
    200: oneOrMany(RpcAnswer).describe('The answer to each request, in any order.'),
    202: z.undefined().describe('Only notifications: no answer.'),
    400: RpcAnswer.describe('The body is not JSON.'),
    ...ERROR_RESPONSES,
  },
};

const NOTHING = Buffer.alloc(0);

/** `POST /rpc`. The body is taken as bytes, because its errors are answered as JSON-RPC and not as problems. */
export function addRpcOverHttp(app: FastifyInstance, options: ExchangeOptions): void {
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    scope.post(
      '/rpc',
      {
        bodyLimit: MAX_IMAGE_BODY,
        schema: SCHEMA,
        // The exchange checks messages one by one; a bad one must not fail the batch.
        validatorCompiler: () => (data: unknown) => ({ value: data }),
        serializerCompiler: () => (data) => JSON.stringify(data),
      },
      async (request, reply) => {
        const exchange = createExchange(requestClient(request.id, reply.raw), options);
        const answer = await exchange.receive(Buffer.isBuffer(request.body) ? request.body : NOTHING);
        if (answer === undefined) return reply.code(202).send();
        reply.code(answer.unreadable ? 400 : 200).type('application/json');
        const { text } = answer;
        return reply.send(typeof text === 'string' ? text : Buffer.concat(text));
      },
    );
  });
}
