import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RpcError } from '../protocol/errors.ts';
import { hasBody, isJson } from './headers.ts';
import { sendProblem } from './problem.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the address may be upgraded to a WebSocket. */
    upgrades?: boolean;
  }
}

const MAX_URL = 8 * 1024;
const MAX_HEADERS = 100;

/** The methods that an address takes, as `Allow` says them; `undefined` where there is nothing. */
export type MethodsAt = (url: string) => string | undefined;

/** What comes after the gate and before the body is read: route, method, content type, sizes. */
export function admission(methodsAt: MethodsAt) {
  return (request: FastifyRequest, reply: FastifyReply, done: () => void): void => {
    const allow = request.is404 ? methodsAt(request.url) : undefined;
    if (allow !== undefined) reply.header('allow', allow);
    const refusal = noRoute(request, allow) ?? wrongType(request) ?? tooLong(request);
    if (refusal) sendProblem(reply, refusal);
    else done();
  };
}

function noRoute(request: FastifyRequest, allow: string | undefined): RpcError | undefined {
  if (request.ws && !request.target.config.upgrades && (!request.is404 || allow !== undefined))
    return noSuchRoute('this address is no WebSocket; /rpc is');
  if (!request.is404) return undefined;
  if (allow === undefined)
    return noSuchRoute('there is nothing at this address; GET /openapi.json lists what there is');
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

/** Notes which methods each address has. To be called before there are routes. */
export function collectMethods(app: FastifyInstance): MethodsAt {
  const methods = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const known = methods.get(url) ?? new Set();
    for (const each of [method].flat()) known.add(each);
    methods.set(url, known);
  });
  return (url) => {
    const path = pathOf(url);
    const found = [...methods].flatMap(([pattern, known]) => (matches(pattern, path) ? [...known] : []));
    return found.length === 0 ? undefined : [...new Set(found)].sort().join(', ');
  };
}

function pathOf(url: string): string {
  const [path = ''] = url.split(/[?#]/, 1);
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** `:name` stands for any one part of a path. */
function matches(pattern: string, path: string): boolean {
  const parts = path.split('/');
  const wanted = pattern.split('/');
  return (
    wanted.length === parts.length &&
    wanted.every((part, index) => (part.startsWith(':') ? parts[index] !== '' : part === parts[index]))
  );
}
