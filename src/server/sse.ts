import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { EventId } from '../protocol/vocabulary/ids.ts';
import type { Client } from '../rpc/client.ts';
import { invalidParams } from '../rpc/dispatcher.ts';
import type { Start } from '../rpc/event-log.ts';
import type { Hub } from '../rpc/hub.ts';
import { type Access, whenEnded } from './access/access.ts';
import { connectionClient } from './clients.ts';
import { createEventStream, type EventStream } from './event-stream.ts';
import type { OutboxPool } from './outbox-pool.ts';
import { streamSchemas } from './stream-schemas.ts';

export interface SseOptions {
  readonly hub: Hub;
  /** Does the work while the conversation is loaded; throws what keeps it from being so. */
  readonly whileLoaded: WhileLoaded;
  /** Milliseconds between comments that keep the stream alive. */
  readonly heartbeat: number;
  /** The open streams; the shutdown ends them. */
  readonly streams: Set<EventStream>;
  readonly pool: OutboxPool;
  /** Called for a client that reads too slowly. */
  readonly onOverflow: (client: Client) => void;
}

export type WhileLoaded = (conversationId: string, work: () => void) => Promise<void>;

/** No HEAD, because a stream has no length to ask for. */
const STREAM = { exposeHeadRoute: false, config: { streams: true } };

export function addEventStreams(app: FastifyInstance, options: SseOptions): void {
  const { hub, whileLoaded } = options;
  const typed = app.withTypeProvider<ZodTypeProvider>();
  const { everything, conversation, listener } = streamSchemas;

  typed.get('/v1/events', { ...STREAM, schema: everything }, (request, reply) =>
    stream(reply, request.access, options, (client) => hub.observe(client)),
  );

  typed.get(
    '/v1/conversations/:conversationId/events',
    { ...STREAM, schema: conversation },
    async (request, reply) => {
      const { conversationId } = request.params;
      const after = position(request);
      const start: Start = after === undefined ? 'unheard' : { after };
      await whileLoaded(conversationId, () => {
        // Loading it may take longer than the client waits.
        if (reply.raw.closed) return;
        stream(reply, request.access, options, (client, onEnd) =>
          joined(hub, client, hub.follow(conversationId, client, start, onEnd)),
        );
      });
      return reply;
    },
  );

  typed.get('/v1/listeners/:subscriptionId/events', { ...STREAM, schema: listener }, (request, reply) => {
    const { subscriptionId } = request.params;
    const after = position(request);
    stream(reply, request.access, options, (client, onEnd) =>
      joined(hub, client, hub.read(subscriptionId, client, after, onEnd)),
    );
  });
}

/** An `EventSource` that reconnects repeats its URL, so the header is the newer of the two. */
function position(request: {
  headers: { 'last-event-id'?: string | undefined };
  query: { afterEventId?: string | undefined };
}): string | undefined {
  const id = request.headers['last-event-id'] || request.query.afterEventId || undefined;
  if (id === undefined || EventId.safeParse(id).success) return id;
  const field = request.headers['last-event-id'] ? 'Last-Event-ID' : 'afterEventId';
  throw invalidParams({ issues: [{ code: 'custom', path: [field], message: 'not an event id' }] });
}

type Attach = (client: Client, onEnd: () => void) => () => void;

function stream(reply: FastifyReply, access: Access, options: SseOptions, attach: Attach): void {
  let detach: (() => void) | undefined;
  let stopWaiting: (() => void) | undefined;
  const events = createEventStream(reply, {
    ...options,
    onOverflow: () => options.onOverflow(client),
    onEnd: () => {
      options.streams.delete(events);
      stopWaiting?.();
      detach?.();
    },
  });
  const client = connectionClient('sse', events);
  detach = attach(client, () => events.end());
  // What was waiting for the client may have been too much for it already.
  if (events.ended) {
    detach();
    return;
  }
  options.streams.add(events);
  events.open();
  stopWaiting = whenEnded(access, () => events.end());
}

/** Streams of a conversation get what is said to all clients as well. */
function joined(hub: Hub, client: Client, detach: () => void): () => void {
  hub.join(client);
  return () => {
    hub.leave(client);
    detach();
  };
}
