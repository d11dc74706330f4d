import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { EventStream } from './event-stream.ts';

export interface ShutdownOptions {
  readonly connections: ReadonlySet<Socket>;
  readonly streams: ReadonlySet<EventStream>;
  /** Milliseconds that connections get to end by themselves. */
  readonly grace: number;
}

/**
 * Makes `app.close()` come to an end whatever the peers do: by default one open event stream, or one WebSocket peer
 * that stopped reading, keeps it waiting for ever. Returns whether closing has begun.
 */
export function prepareShutdown(app: FastifyInstance, options: ShutdownOptions): () => boolean {
  let closing = false;
  let stragglers: NodeJS.Timeout | undefined;
  app.addHook('preClose', (done) => {
    closing = true;
    for (const stream of [...options.streams]) stream.end();
    for (const socket of app.websocketServer.clients) socket.close(1001, 'shutting down');
    app.websocketServer.close();
    app.server.closeIdleConnections();
    stragglers = setTimeout(() => destroyAll(options.connections), options.grace);
    done();
  });
  app.addHook('onClose', (_app, done) => {
    clearTimeout(stragglers);
    done();
  });
  return () => closing;
}

function destroyAll(connections: ReadonlySet<Socket>): void {
  for (const socket of connections) socket.destroy();
}
