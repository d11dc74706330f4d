import type { FastifyReply } from 'fastify';
import type { Frame } from '../rpc/frame.ts';
import { Outbox } from './outbox.ts';
import type { OutboxPool } from './outbox-pool.ts';
import { sharedForm } from './outbox-queue.ts';
import { noFraming, sharedBatches } from './shared-batches.ts';

/** Tells a client how long to wait before it reconnects, in milliseconds. */
const OPENING = ': codexd\nretry: 1000\n\n';
const HEARTBEAT = ': heartbeat\n\n';
/** Heartbeats that a socket may stand still for: a peer that vanished without a word never drains it. */
const STILL = 4;

const join = sharedBatches(noFraming);
const form = sharedForm(({ sse }) => sse);

/** Server-sent events to one client. The answer's head goes out with the first use, so errors may come before. */
export interface EventStream {
  readonly ended: boolean;
  /** Bytes that wait for the client. */
  readonly size: number;
  open(): void;
  event(frame: Frame, replayed: boolean): void;
  events(frames: readonly Frame[]): void;
  end(): void;
}

export interface EventStreamOptions {
  /** Milliseconds between comments that keep the stream alive. */
  readonly heartbeat: number;
  readonly pool: OutboxPool;
  /** Called once, whoever ends the stream. */
  readonly onEnd: () => void;
  /** Before `onEnd`, when the client reads too slowly. It comes back with `Last-Event-ID` and gets the rest. */
  readonly onOverflow: () => void;
}

export function createEventStream(reply: FastifyReply, options: EventStreamOptions): EventStream {
  const { heartbeat, pool, onEnd } = options;
  const response = reply.raw;
  let opened = false;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const outbox = new Outbox({
    wire: {
      get isOpen() {
        return !response.closed;
      },
      join,
      write(chunks, sent) {
        response.cork();
        for (const chunk of chunks.slice(0, -1)) response.write(chunk);
        response.write(chunks.at(-1) ?? '', () => sent());
        response.uncork();
      },
    },
    pool,
    form,
    onOverflow() {
      options.onOverflow();
      finish();
    },
  });

  function open(): void {
    if (opened) return;
    opened = true;
    reply.hijack();
    reply.headers({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    for (const [name, value] of Object.entries(reply.getHeaders())) response.setHeader(name, value ?? '');
    response.writeHead(200);
    response.setTimeout(heartbeat * STILL, () => response.destroy());
    response.once('close', finish);
    outbox.answer(OPENING);
    timer = setInterval(() => outbox.answer(HEARTBEAT), heartbeat);
  }

  /** Nothing more is taken; what waits is sent first. */
  function end(): void {
    if (opened) outbox.finish(finish);
    else finish();
  }

  function finish(): void {
    if (ended) return;
    ended = true;
    clearInterval(timer);
    outbox.close();
    if (opened) response.end();
    onEnd();
  }

  return {
    open,
    end,
    event(frame, replayed) {
      open();
      outbox.event(frame, replayed);
    },
    events(frames) {
      open();
      outbox.events(frames);
    },
    get size() {
      return outbox.size;
    },
    get ended() {
      return ended;
    },
  };
}
