import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RpcError } from '../protocol/errors.ts';
import { prefersHtml } from './access/accept.ts';
import type { Access } from './access/access.ts';
import { corsHeaders, isPreflight } from './access/cors.ts';
import { sendPage } from './access/page.ts';
import { signInPage } from './access/sign-in-page.ts';
import { admission, type MethodsAt } from './admission.ts';
import type { Gate } from './gate.ts';
import { isPage } from './origin.ts';
import { challenge, sendProblem } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** How the gate let the request in. */
    access: Access;
    /** What is asked for: `routeOptions`, which is made anew each time that it is read. */
    target: Pick<FastifyRequest['routeOptions'], 'url' | 'config'>;
  }
  interface FastifyContextConfig {
    /** Whether the answer is a stream of events. */
    streams?: boolean;
  }
}

const HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  vary: 'Origin',
  'x-content-type-options': 'nosniff',
};

export interface EntranceOptions {
  readonly gate: Gate;
  readonly allowedOrigins: readonly string[];
}

/** First hook of all: the headers of every answer, then the gate. Covers unknown addresses and upgrades too. */
export function guardEntrance(app: FastifyInstance, options: EntranceOptions): void {
  app.decorateRequest('access');
  app.decorateRequest('target');
  app.addHook('onRequest', (request, reply, done) => {
    const refusal = enter(options, request, reply);
    if (refusal) refuse(request, reply, refusal);
    else if (isPreflight(request.raw, options.allowedOrigins)) reply.code(204).send();
    else done();
  });
}

/** Asked for every few seconds by programs that watch the daemon. */
const PROBES = new Set(['/healthz', '/readyz', '/metrics']);

/** The access log: one line per answer, without the query, which may hold what does not belong into a log. */
export function logAnswers(app: FastifyInstance): void {
  // None of its members is censored by name, and looking for those that are takes longer than all the rest.
  const log = app.log.child({}, { redact: [] });
  app.addHook('onResponse', (request, reply, done) => {
    const { method, target, id: requestId } = request;
    const route = target.url;
    const duration = Math.round(reply.elapsedTime);
    const level = PROBES.has(route ?? '') ? 'debug' : 'info';
    log[level]({ method, route, status: reply.statusCode, duration, requestId }, 'answered');
    done();
  });
}

/** Needs to know which requests are upgrades, so it comes after the WebSocket's own hook. */
export function guardRoutes(app: FastifyInstance, methodsAt: MethodsAt): void {
  app.addHook('onRequest', admission(methodsAt));
}

/** For requests that Fastify answers without running hooks. */
export function enter(
  { gate, allowedOrigins }: EntranceOptions,
  request: FastifyRequest,
  reply: FastifyReply,
): RpcError | undefined {
  reply.headers(HEADERS).headers(corsHeaders(request.raw, allowedOrigins)).header('x-request-id', request.id);
  request.target = request.routeOptions;
  const { url, config } = request.target;
  const verdict = gate(request.raw, { url, streams: config?.streams === true });
  if (verdict instanceof RpcError) return verdict;
  request.access = verdict;
  return undefined;
}

function refuse(request: FastifyRequest, reply: FastifyReply, refusal: RpcError): void {
  const [path = ''] = request.url.split('?');
  const isVisit = refusal.kind === 'unauthorized' && isPage(path) && prefersHtml(request.raw);
  if (!isVisit || request.raw.headers.upgrade !== undefined) {
    sendProblem(reply, refusal);
    return;
  }
  sendPage(reply.code(401).header('www-authenticate', challenge(refusal.reason)), signInPage);
}
