import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** One request, as a trace shows it. */
export interface TracedRequest {
  readonly method: string;
  /** The route's pattern; absent when there is none. */
  readonly route: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface RequestSpan {
  /** Runs the handler, and what it starts, as a part of the request. */
  run(handle: () => void): void;
  end(status: number): void;
}

export type RequestTracer = (request: TracedRequest) => RequestSpan;

/** To be added after the gate: whoever is not let in leaves no trace. Sockets are traced call by call. */
export function traceRequests(app: FastifyInstance, trace: RequestTracer): void {
  const spans = new WeakMap<FastifyRequest, RequestSpan>();
  app.addHook('onRequest', (request, reply, done) => {
    const { method, headers, routeOptions } = request;
    if (headers.upgrade === undefined) {
      const span = trace({ method, route: routeOptions.url, headers });
      spans.set(request, span);
      reply.raw.once('close', () => span.end(reply.statusCode));
    }
    done();
  });
  // What the body's arrival calls is no part of what was begun before, so that the request is entered here.
  app.addHook('preHandler', (request, _reply, done) => {
    const span = spans.get(request);
    if (span) span.run(done);
    else done();
  });
}
