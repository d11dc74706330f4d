import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { RpcError } from '../protocol/errors.ts';
import { admit } from './admission.ts';
import type { Gate } from './gate.ts';
import { sendProblem } from './problem.ts';

const HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  vary: 'Origin',
  'x-content-type-options': 'nosniff',
};

/** First hook of all: the headers of every answer, then the gate. Covers unknown addresses and upgrades too. */
export function guardEntrance(app: FastifyInstance, gate: Gate): void {
  app.addHook('onRequest', (request, reply, done) => {
    const refusal = enter(gate, request, reply);
    if (refusal) sendProblem(reply, refusal);
    else done();
  });
}

/** Asked for every few seconds by programs that watch the daemon. */
const PROBES = new Set(['/healthz', '/readyz', '/metrics']);

/** The access log: one line per answer, without the query, which may hold what does not belong into a log. */
export function logAnswers(app: FastifyInstance): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions, id: requestId } = request;
    const route = routeOptions.url;
    const duration = Math.round(reply.elapsedTime);
    const level = PROBES.has(route ?? '') ? 'debug' : 'info';
    request.log[level]({ method, route, status: reply.statusCode, duration, requestId }, 'answered');
    done();
  });
}

/** Needs to know which requests are upgrades, so it comes after the WebSocket's own hook. */
export function guardRoutes(app: FastifyInstance): void {
  app.addHook('onRequest', admit);
}

/** For requests that Fastify answers without running hooks. */
export function enter(gate: Gate, request: FastifyRequest, reply: FastifyReply): RpcError | undefined {
  reply.headers(HEADERS).header('x-request-id', request.id);
  return gate(request.raw, { url: request.routeOptions.url });
}
