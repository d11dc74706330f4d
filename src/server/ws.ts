import type { Socket } from 'node:net';
import websocket from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RawData, WebSocket } from 'ws';
import type { Client } from '../rpc/client.ts';
import type { Hub } from '../rpc/hub.ts';
import { whenEnded } from './access/access.ts';
import { MAX_IMAGE_BODY } from './body.ts';
import { connectionClient } from './clients.ts';
import { SUBPROTOCOL } from './credential.ts';
import { createExchange, type Exchange, type ExchangeOptions } from './exchange.ts';
import { CONTROL_BURST, limitControlFrames, watchLiveness } from './liveness.ts';
import { Outbox, type Wire } from './outbox.ts';
import type { OutboxPool } from './outbox-pool.ts';
import { type Form, sharedForm } from './outbox-queue.ts';
import { sharedBatches } from './shared-batches.ts';
import { textFrameHead } from './text-frame.ts';

const MAX_RUNNING = 128;
const MAX_FRAGMENTS = 1_024;
/** Bytes of the first message. */
const MAX_FIRST = 64 * 1024;

export interface WebSocketOptions extends ExchangeOptions {
  readonly hub: Hub;
  /** Milliseconds between pings. */
  readonly heartbeat: number;
  /** Milliseconds until the first message. */
  readonly firstMessageWithin: number;
  readonly pool: OutboxPool;
  /** Called for a client that reads too slowly. */
  readonly onOverflow: (client: Client) => void;
}

const OPTIONS = {
  maxPayload: MAX_IMAGE_BODY,
  maxFragments: MAX_FRAGMENTS,
  // ws breaks the connection off at its own limit; ours comes first and closes it with a reason.
  maxPendingAutoPongs: 2 * CONTROL_BURST,
  perMessageDeflate: false,
  handleProtocols: (offered: Set<string>) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
};

/** Has to be registered before the routes. Closing the sockets is the shutdown's business. */
export async function registerWebSocket(app: FastifyInstance): Promise<void> {
  await app.register(websocket, {
    options: OPTIONS,
    preClose: (done) => done(),
    errorHandler: (error, socket, request) => {
      request.log.debug({ err: error, requestId: request.id }, 'a WebSocket failed');
      // Nothing happens to a socket that is closing already for what the peer did wrong.
      if (socket.readyState === socket.OPEN) socket.close(1011, 'internal error');
    },
  });
}

/** JSON-RPC with one connection, until it closes. */
export function serveWebSocket(socket: WebSocket, request: FastifyRequest, options: WebSocketOptions): void {
  const { hub, pool } = options;
  const outbox = new Outbox({
    wire: wireOf(socket, request.raw.socket),
    pool,
    form: {
      one: (frame) => formFor(client).one(frame),
      all: (frames) => formFor(client).all(frames),
    },
    onOverflow() {
      options.onOverflow(client);
      hub.leave(client);
      socket.close(1013, 'too slow');
    },
    onRelief: () => takeMore(),
  });
  const client = connectionClient('websocket', outbox);
  hub.join(client);
  const stopWaiting = whenEnded(request.access, () => {
    hub.leave(client);
    socket.close(1008, 'credential ended');
  });
  socket.on('close', () => {
    stopWaiting();
    outbox.close();
    hub.leave(client);
  });
  requireFirstMessage(socket, options.firstMessageWithin);
  watchLiveness(socket, { interval: options.heartbeat, progress: () => outbox.progress });
  limitControlFrames(socket);
  const takeMore = receiveMessages(socket, outbox, createExchange(client, options));
}

/** Whoever has nothing to say, or begins with too much, does not speak JSON-RPC (SEC-RATE-2). */
function requireFirstMessage(socket: WebSocket, within: number): void {
  const timer = setTimeout(() => socket.close(1008, 'initialize timeout'), within);
  const stop = (): void => clearTimeout(timer);
  socket.once('close', stop).once('message', (data: RawData) => {
    stop();
    if ((data as Buffer).length > MAX_FIRST) socket.close(1009, 'the first message is too big');
  });
}

const plain = sharedForm((frame) => frame.plain);
const extended = sharedForm((frame) => frame.extended);
const formFor = ({ extensions }: Client): Form => (extensions ? extended : plain);
const join = sharedBatches(textFrameHead);

/** Whole frames are written beside the control frames of ws, which writes whole frames as well and compresses none. */
const wireOf = (socket: WebSocket, connection: Socket): Wire => ({
  get isOpen() {
    return socket.readyState === socket.OPEN;
  },
  join,
  write(chunks, sent) {
    const [only] = chunks;
    if (only && chunks.length === 1) {
      connection.write(only, () => sent());
      return;
    }
    connection.cork();
    for (const chunk of chunks.slice(0, -1)) connection.write(chunk);
    connection.write(chunks.at(-1) ?? '', () => sent());
    connection.uncork();
  },
});

/**
 * Requests run side by side, up to a limit; beyond it, or while answers pile up, the daemon stops reading from the
 * connection, and keeps what it has read already until answers have gone out (SEC-IN-12).
 * @returns to be called when answers pile up no longer
 */
function receiveMessages(socket: WebSocket, outbox: Outbox, exchange: Exchange): () => void {
  const kept: string[] = [];
  const mayTake = (): boolean => exchange.running < MAX_RUNNING && !outbox.congested;

  async function take(text: string): Promise<void> {
    const reply = await exchange.receive(text);
    if (reply) outbox.answer(reply.text);
    takeKept();
  }

  function takeKept(): void {
    while (mayTake()) {
      const text = kept.shift();
      if (text === undefined) break;
      void take(text);
    }
    if (kept.length === 0 && socket.isPaused) socket.resume();
  }

  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (isBinary) return socket.close(1003, 'text frames only');
    if (socket.readyState !== socket.OPEN) return;
    if (kept.length === 0 && mayTake()) return void take(data.toString());
    kept.push(data.toString());
    socket.pause();
  });
  return takeKept;
}
