import type { Server } from 'node:http';
import fastify, { type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { createMetrics, type Metrics } from '../metrics/metrics.ts';
import { RpcError } from '../protocol/errors.ts';
import type { Client } from '../rpc/client.ts';
import type { Dispatcher } from '../rpc/dispatcher.ts';
import type { Hub } from '../rpc/hub.ts';
import { createClientAddress } from './access/client-address.ts';
import { type Exposure, NO_EXPOSURE } from './access/exposure.ts';
import { createFailures, FAILURE_LIMITS, type FailureLimits, type Failures } from './access/failures.ts';
import type { Keyring } from './access/keyring.ts';
import { addSessionRoutes } from './access/session-routes.ts';
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
import { addMetrics, countAnswers, measureDoors, trackRequests } from './metrics.ts';
import { OutboxPool } from './outbox-pool.ts';
import { sendProblem } from './problem.ts';
import { addRest } from './rest.ts';
import { addRpcOverHttp } from './rpc-http.ts';
import { serverOptions } from './server-options.ts';
import { prepareShutdown } from './shutdown.ts';
import { addEventStreams, type WhileLoaded } from './sse.ts';
import { type RequestTracer, traceRequests } from './trace-requests.ts';
import { addWebFiles, type WebPage } from './web-page.ts';
import { registerWebSocket, serveWebSocket } from './ws.ts';

export interface AppOptions {
  readonly dispatcher: Pick<Dispatcher, 'call' | 'run'>;
  readonly hub: Hub;
  /** A pino logger. */
  readonly log: FastifyBaseLogger;
  readonly keyring: Keyring;
  readonly version: string;
  readonly readiness: () => Readiness;
  readonly metrics?: Metrics;
  /** Requests are not traced when left out. */
  readonly tracer?: RequestTracer | undefined;
  /** What a browser gets that is signed in; a page without much when left out. */
  readonly page?: WebPage | undefined;
  /** Called with each answer to a request of the server, also when nobody waits for its id. */
  readonly onResponse?: (client: Client, answer: ClientAnswer) => void;
  /** How a conversation is loaded for a stream of its events; those in memory are enough when left out. */
  readonly whileLoaded?: WhileLoaded;
  /** What beyond this machine's own names may reach the daemon; nothing when left out. */
  readonly exposure?: Partial<Exposure>;
  readonly failureLimits?: FailureLimits;
  /** Milliseconds until the first message on a WebSocket; 10,000 when left out. */
  readonly firstMessageWithin?: number;
  /** Milliseconds for a whole request to arrive; 30,000 when left out. */
  readonly requestTimeout?: number;
  /** Milliseconds between signs of life on open connections; 15,000 when left out. */
  readonly heartbeat?: number;
  /** Milliseconds that connections get to end by themselves when the app closes; 1,000 when left out. */
  readonly grace?: number;
}

/** Builds the whole HTTP and WebSocket surface, without listening. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const streams = new Set<EventStream>();
  const exposure: Exposure = { ...NO_EXPOSURE, ...options.exposure };
  const metrics = options.metrics ?? createMetrics();
  const failures = watchFailures(options, exposure, metrics);
  const gate = createGate({
    keyring: options.keyring,
    exposure,
    failures,
    address: () => listeningAddress(app.server),
    closedBecause: () => closedBecause(isClosing(), connections.open.size),
    onAuthenticated: (socket) => connections.authenticated(socket),
  });
  const entrance = { gate, allowedOrigins: exposure.allowedOrigins };
  const app: FastifyInstance = fastify(
    serverOptions(
      options.log,
      (request, reply) => {
        const badUrl = new RpcError('invalidRequest', 'the URL is malformed', { reason: 'url_malformed' });
        sendProblem(reply, enter(entrance, request, reply) ?? badUrl);
      },
      options.requestTimeout,
    ),
  );
  const connections = trackConnections(app.server);
  guardEntrance(app, entrance);
  logAnswers(app);
  countAnswers(app, metrics);
  trackRequests(app, metrics);
  if (options.tracer) traceRequests(app, options.tracer);
  configure(app);
  const methodsAt = collectMethods(app);
  await registerWebSocket(app);
  guardRoutes(app, methodsAt);
  const isClosing = prepareShutdown(app, {
    connections: connections.open,
    streams,
    grace: options.grace ?? 1_000,
  });
  describeRoutes(app, options.version);
  addRoutes(app, { ...options, metrics }, streams);
  addSessionRoutes(app, {
    keyring: options.keyring,
    failures,
    publicUrl: exposure.publicUrl,
    port: () => listeningAddress(app.server).port,
    log: options.log,
  });
  await app.after();
  return app;
}

function watchFailures(
  { log, failureLimits }: AppOptions,
  { trustedProxies }: Exposure,
  { authFailures }: Metrics,
): Failures {
  return createFailures({
    limits: failureLimits ?? FAILURE_LIMITS,
    addressOf: createClientAddress(trustedProxies),
    onFailure: () => authFailures.inc(),
    onNotable: (address, reason) => log.warn({ address, reason }, 'a credential was refused'),
  });
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

function addRoutes(
  app: FastifyInstance,
  options: AppOptions & { metrics: Metrics },
  streams: Set<EventStream>,
): void {
  const { dispatcher, hub, log, metrics, version, page, onResponse = () => {} } = options;
  const { heartbeat = 15_000, firstMessageWithin = 10_000 } = options;
  const { whileLoaded = async (_id, work) => work() } = options;
  const exchange = { dispatcher, log, onResponse };
  const pool = new OutboxPool();
  const onOverflow = ({ id, transport }: Client): void => {
    log.info({ client: id }, 'closed a client that reads too slowly');
    metrics.overflows.inc({ transport });
  };
  measureDoors(metrics, hub, pool);
  addRest(app, dispatcher);
  addRpcOverHttp(app, exchange);
  addEventStreams(app, { hub, whileLoaded, heartbeat, streams, pool, onOverflow });
  addHealth(app, options.readiness);
  addMetrics(app, metrics);
  addDocs(app, version);
  addUpgrades(
    app,
    version,
    (socket, request) =>
      serveWebSocket(socket, request, { ...exchange, hub, heartbeat, firstMessageWithin, pool, onOverflow }),
    page,
  );
  if (page) addWebFiles(app, page);
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
