import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { RpcError } from '../protocol/errors.ts';
import { prefersHtml } from './access/accept.ts';
import { type Page, sendPage } from './access/page.ts';
import { startPage } from './access/start-page.ts';
import { ERROR_RESPONSES } from './docs.ts';

const SCHEMA = {
  operationId: 'rpcWebSocket',
  summary: 'Open a WebSocket that speaks JSON-RPC 2.0.',
  description:
    'One message or batch per text frame, in both directions. Browsers, which cannot set headers here, offer the ' +
    'subprotocols `codexd.v1` and `codexd.bearer.TOKEN`. The first message comes within 10 s and has at most 64 KiB. ' +
    'Closed with 1001 when the daemon stops and with 1013 when the client reads too slowly: connect again and listen ' +
    'with the last event id. After 1008 `credential ended` connect again with a credential that is good; after any ' +
    'other 1008, 1002, 1003, 1007 and 1009 something is wrong with what the client sends.',
  tags: ['json-rpc'],
  response: { 101: z.undefined().describe('The WebSocket is open.'), ...ERROR_RESPONSES },
};

/** The two addresses that may be upgraded to a WebSocket, and what they answer otherwise. */
export function addUpgrades(
  app: FastifyInstance,
  version: string,
  wsHandler: (socket: WebSocket, request: FastifyRequest) => void,
  page: Page = startPage,
): void {
  const common = { config: { upgrades: true }, wsHandler };
  app.get('/', { ...common, schema: { hide: true } }, (request, reply) =>
    prefersHtml(request.raw) ? sendPage(reply, page) : surfaces(version),
  );
  app.get('/rpc', { ...common, exposeHeadRoute: false, schema: SCHEMA }, (_request, reply) => {
    reply.header('allow', 'POST');
    throw new RpcError('methodNotAllowed', 'GET /rpc is for WebSockets; JSON-RPC over HTTP is POST /rpc');
  });
}

const surfaces = (version: string) => ({
  name: 'codexd',
  version,
  documentation: '/docs',
  openapi: '/openapi.json',
  openrpc: '/openrpc.json',
  asyncapi: '/asyncapi.json',
  llms: '/llms.txt',
  metrics: '/metrics',
  jsonRpc: { webSocket: '/rpc', http: '/rpc' },
  rest: '/v1',
  events: [
    '/v1/events',
    '/v1/conversations/{conversationId}/events',
    '/v1/listeners/{subscriptionId}/events',
  ],
});
