import type { IncomingMessage } from 'node:http';

const EXPOSED = 'Allow, ETag, Location, Retry-After, X-Request-Id';
const METHODS = 'DELETE, GET, HEAD, POST, PUT';
const REQUEST_HEADERS =
  'Authorization, Content-Type, Idempotency-Key, If-None-Match, Last-Event-ID, X-Codexd-Client, X-Request-Id';

type Headers = Record<string, string>;

/** What lets a page of a listed origin read the answer. Nothing for any other; never credentials, never `*`. */
export function corsHeaders(request: IncomingMessage, allowed: readonly string[]): Headers {
  const { origin } = request.headers;
  if (origin === undefined || !allowed.includes(origin)) return {};
  const open = { 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED };
  return isPreflight(request, allowed) ? { ...open, ...preflightHeaders(request) } : open;
}

/** Whether a browser asks on behalf of a page of a listed origin if the page may send what it wants to. */
export function isPreflight({ method, headers }: IncomingMessage, allowed: readonly string[]): boolean {
  if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return false;
  return headers.origin !== undefined && allowed.includes(headers.origin);
}

function preflightHeaders({ headers }: IncomingMessage): Headers {
  const asksForLocalNetwork = headers['access-control-request-private-network'] === 'true';
  return {
    'access-control-allow-methods': METHODS,
    'access-control-allow-headers': REQUEST_HEADERS,
    'access-control-max-age': '600',
    ...(asksForLocalNetwork && { 'access-control-allow-private-network': 'true' }),
  };
}
