import type { Server } from 'node:http';
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { RpcError } from '../protocol/errors.ts';
import type { Client } from '../rpc/client.ts';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import type { Hub } from '../rpc/hub.ts';
import { collectMethods } from './admission.ts';
import { parseBody } from './body.ts';
import { MAX_CONNECTIONS, trackConnections } from './connections.ts';
import { addDocs, describeRoutes } from './docs.ts';
import { enter, guardEntrance, guardRoutes, logAnswers } from './entrance.ts';
import { handleError } from './errors.ts';
import type { EventStream } from './event-stream.ts';
import type { ClientAnswer } from './exchange.ts';
import { createGate } from './gate.ts';
import { addHealth, type Readiness } from './health.ts';
import { addUpgrades } from './home.ts';
import { sendProblem } from './problem.ts';
import { addRest } from './rest.ts';
import { addRpcOverHttp } from './rpc-http.ts';
import { serverOptions } from './server-options.ts';
import { prepareShutdown } from './shutdown.ts';
import { addEventStreams } from './sse.ts';
import { registerWebSocket, serveWebSocket } from './ws.ts';

export interface AppOptions {
  readonly dispatcher: Pick<Dispatcher, 'call' | 'run'>;
  readonly hub: Hub;
  /** A pino logger. */
  readonly log: FastifyBaseLogger;
  readonly token: string;
  readonly version: string;
  readonly readiness: () => Readiness;
  /** Called with each answer to a request of the server, also when nobody waits for its id. */
  readonly onResponse?: (client: Client, answer: ClientAnswer) => void;
  /** Further names that `Host` may have, without port. */
  readonly allowedHosts?: readonly string[];
  /** Further origins whose pages may connect: scheme, host and port. */
  readonly allowedOrigins?: readonly string[];
  /** Milliseconds between signs of life on open connections; 15,000 when left out. */
  readonly heartbeat?: number;
  /** Milliseconds that connections get to end by themselves when the app closes; 1,000 when left out. */
  readonly grace?: number;
}

/** Builds the whole HTTP and WebSocket surface, without listening. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const streams = new Set<EventStream>();
  const gate = createGate({
    token: options.token,
    allowedHosts: options.allowedHosts ?? [],
    allowedOrigins: options.allowedOrigins ?? [],
    address: () => listeningAddress(app.server),
    closedBecause: () => closedBecause(isClosing(), connections.size),
  });
  const app: FastifyInstance = fastify(
    serverOptions(options.log, (request, reply) => {
      const badUrl = new RpcError('invalidRequest', 'the URL is malformed', { reason: 'url_malformed' });
      sendProblem(reply, enter(gate, request, reply) ?? badUrl);
    }),
  );
  const connections = trackConnections(app.server);
  guardEntrance(app, gate);
  logAnswers(app);
  configure(app);
  const answerOtherMethods = collectMethods(app);
  await registerWebSocket(app);
  guardRoutes(app);
  const isClosing = prepareShutdown(app, { connections, streams, grace: options.grace ?? 1_000 });
  describeRoutes(app, options.version);
  addRoutes(app, options, streams);
  await app.after();
  answerOtherMethods();
  return app;
}

function configure(app: FastifyInstance): void {
  app.setErrorHandler(handleError);
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => parseBody(body),
  );
}

function addRoutes(app: FastifyInstance, options: AppOptions, streams: Set<EventStream>): void {
  const { dispatcher, hub, log, version, heartbeat = 15_000, onResponse = () => {} } = options;
  const exchange = { dispatcher, log, onResponse };
  addRest(app, dispatcher);
  addRpcOverHttp(app, exchange);
  addEventStreams(app, { hub, heartbeat, streams });
  addHealth(app, options.readiness);
  addDocs(app);
  addUpgrades(app, version, (socket, request) =>
    serveWebSocket(socket, request, { ...exchange, hub, heartbeat }),
  );
}

function listeningAddress(server: Server): { address: string; port: number } {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on TCP');
  return address;
}

function closedBecause(closing: boolean, connections: number): RpcError | undefined {
  if (closing) return new RpcError('unavailable', 'the daemon is shutting down', { reason: 'draining' });
  if (connections <= MAX_CONNECTIONS) return undefined;
  return new RpcError('unavailable', 'too many connections', { reason: 'too_many_connections' });
}
