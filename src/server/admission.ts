import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RpcError } from '../protocol/errors.ts';
import { hasBody, isJson } from './headers.ts';
import { sendProblem } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set on the routes that only say which methods an address has. */
    allow?: string;
    /** Whether the address may be upgraded to a WebSocket. */
    upgrades?: boolean;
  }
}

const MAX_URL = 8 * 1024;
const MAX_HEADERS = 100;

/** What comes after the gate and before the body is read: route, method, content type, sizes. */
export function admit(request: FastifyRequest, reply: FastifyReply, done: () => void): void {
  const { allow } = request.routeOptions.config;
  if (allow !== undefined) reply.header('allow', allow);
  const refusal = noRoute(request) ?? wrongType(request) ?? tooLong(request);
  if (refusal) sendProblem(reply, refusal);
  else done();
}

function noRoute(request: FastifyRequest): RpcError | undefined {
  const { allow, upgrades } = request.routeOptions.config;
  if (request.is404)
    return noSuchRoute('there is nothing at this address; GET /openapi.json lists what there is');
  if (request.ws && !upgrades) return noSuchRoute('this address is no WebSocket; /rpc is');
  if (allow === undefined) return undefined;
  return new RpcError('methodNotAllowed', `this address takes ${allow}, not ${request.method}`);
}

const noSuchRoute = (message: string): RpcError =>
  new RpcError('methodNotFound', message, { reason: 'route_not_found' });

function wrongType(request: FastifyRequest): RpcError | undefined {
  if (!hasBody(request.raw)) return undefined;
  if (request.ws) return new RpcError('invalidRequest', 'an upgrade request must have no body');
  if (isJson(request.raw)) return undefined;
  return new RpcError('unsupportedMediaType', 'a body must have the Content-Type application/json');
}

function tooLong({ raw }: FastifyRequest): RpcError | undefined {
  if ((raw.url ?? '').length > MAX_URL) {
    return new RpcError('tooLarge', `the URL is longer than ${MAX_URL} characters`, {
      reason: 'uri_too_long',
    });
  }
  if (raw.rawHeaders.length <= 2 * MAX_HEADERS) return undefined;
  return new RpcError('tooLarge', `more than ${MAX_HEADERS} headers`, { reason: 'headers_too_large' });
}

/**
 * Gives each address a route for the methods that it does not have, so that they are answered with 405 and `Allow`.
 * To be called first; the returned function, when all other routes are there.
 */
export function collectMethods(app: FastifyInstance): () => void {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set();
    for (const each of [method].flat()) known.add(each);
    methods.set(url, known);
  });
  return () => {
    for (const [url, known] of [...methods]) refuseOthers(app, url, known);
  };
}

function refuseOthers(app: FastifyInstance, url: string, known: ReadonlySet<string>): void {
  app.route({
    url,
    method: app.supportedMethods.filter((method) => !known.has(method)),
    exposeHeadRoute: false,
    schema: { hide: true },
    config: { allow: [...known].sort().join(', ') },
    handler: () => {
      throw new RpcError('methodNotAllowed', 'method not allowed');
    },
  });
}
