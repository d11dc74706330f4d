import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { addGauge, addTotal, type Metrics } from '../metrics/metrics.ts';
import type { Hub } from '../rpc/hub.ts';
import { ERROR_RESPONSES } from './docs.ts';
import type { OutboxPool } from './outbox-pool.ts';

/** Counts the answers by route, which is a pattern, so that addresses never become labels. */
export function countAnswers(app: FastifyInstance, { answers }: Metrics): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, target } = request;
    const { url = 'none' } = target;
    answers.note(method, url, reply.statusCode, reply.elapsedTime / 1_000);
    done();
  });
}

/** Each request is an operation until its answer is out; what stays open for long is none. */
export function trackRequests(app: FastifyInstance, { operations }: Metrics): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { url = 'none', config } = request.target;
    const staysOpen = config?.streams === true || request.headers.upgrade !== undefined;
    if (!staysOpen) reply.raw.on('close', operations.begin(`${request.method} ${url}`));
    done();
  });
}

/** What the doors know at the moment they are asked. */
export function measureDoors({ registry }: Metrics, hub: Hub, pool: OutboxPool): void {
  const clients = (transport: string) => () =>
    hub.connected.filter((client) => client.transport === transport).length;
  addGauge(registry, 'codexd_ws_connections', 'Open WebSockets.', clients('websocket'));
  addGauge(registry, 'codexd_sse_connections', 'Open event streams.', clients('sse'));
  addGauge(registry, 'codexd_client_queue_bytes', 'What waits for slow clients.', () => pool.size);
  addTotal(registry, 'codexd_events_sent_total', 'Messages taken by clients.', () => pool.sent);
}

/** `GET /metrics`, in the text format of Prometheus. */
export function addMetrics(app: FastifyInstance, { registry }: Metrics): void {
  const schema = {
    operationId: 'metrics',
    summary: 'What the daemon counts and measures, for Prometheus.',
    tags: ['server'],
    response: {
      200: { description: 'The metrics.', content: { 'text/plain': { schema: z.string() } } },
      ...ERROR_RESPONSES,
    },
  };
  app.get('/metrics', { schema, serializerCompiler: () => String }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
