import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { hasCode } from '../../config/system-error.ts';
import type { Log } from '../../log.ts';
import { type Page, sendPage, textPage } from './pages.ts';

/** What a login does when the browser comes. Paths as in protocol-v1, section 20.5. */
export interface CallbackRoutes {
  callback(query: URLSearchParams): Promise<Page>;
  success(): Page;
  /** Asked for by another program that wants the port for a login of its own. */
  cancel(): Page;
}

export interface CallbackServer {
  /** Resolves when the port is free again. */
  close(): Promise<void>;
}

/** No program answers on the port, but it stays taken. */
export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
}

const HOST = '127.0.0.1';
const ATTEMPTS = 10;
const BETWEEN_ATTEMPTS_MS = 200;
const REQUEST_LIMIT_MS = 10_000;

/**
 * Serves the routes on the loopback port. Asks a login server that holds it to give it up, and waits for about two
 * seconds. Throws `PortInUseError`.
 */
export async function openCallbackServer(
  port: number,
  routes: CallbackRoutes,
  log: Log,
): Promise<CallbackServer> {
  for (let attempt = 1; ; attempt++) {
    const server = createCallbackServer(port, routes, log);
    try {
      await listening(server, port);
      return { close: () => closed(server) };
    } catch (error) {
      if (!hasCode(error, 'EADDRINUSE')) throw error;
      if (attempt === 1) await askToCancel(port);
      if (attempt === ATTEMPTS) throw new PortInUseError(`Port ${HOST}:${port} is already in use`);
      await pause(BETWEEN_ATTEMPTS_MS);
    }
  }
}

function createCallbackServer(port: number, routes: CallbackRoutes, log: Log): Server {
  const hosts = new Set([`localhost:${port}`, `${HOST}:${port}`]);
  const limits = { requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS };
  return createServer(limits, (request, response) => {
    route(request, hosts, routes)
      .catch((err: unknown) => {
        log.error({ err }, 'a request to the login server failed');
        return textPage(500, 'The login server failed; its log says why');
      })
      .then((page) => sendPage(response, page));
  });
}

async function route(
  { method, url = '', headers }: IncomingMessage,
  hosts: ReadonlySet<string>,
  routes: CallbackRoutes,
): Promise<Page> {
  // A page of another site that has its name lead to this machine must not act here (SEC-OAUTH-2).
  if (!hosts.has(headers.host?.toLowerCase() ?? '')) return textPage(421, 'Misdirected Request');
  if (method !== 'GET') return textPage(405, 'Method Not Allowed', { allow: 'GET' });
  const [path = '', ...query] = url.split('?');
  switch (path) {
    case '/auth/callback':
      return routes.callback(new URLSearchParams(query.join('?')));
    case '/success':
      return routes.success();
    case '/cancel':
      return routes.cancel();
    default:
      return textPage(404, 'Not Found');
  }
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: HOST, port, exclusive: true }, () => resolve());
  });
}

/** Answers that are on their way still go out. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), BETWEEN_ATTEMPTS_MS).unref();
  });
}

/** Whatever answers there, and whether anything does: binding shows if it has helped. */
function askToCancel(port: number): Promise<void> {
  return new Promise((resolve) => {
    const request = get({ host: HOST, port, path: '/cancel', agent: false, timeout: 1000 }, (response) => {
      response.resume().once('close', resolve);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve());
  });
}
