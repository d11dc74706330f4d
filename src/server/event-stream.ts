import type { FastifyReply } from 'fastify';
import type { Frame } from '../rpc/frame.ts';
import { OUTBOX_BOUNDS } from './outbox.ts';

/** Tells a client how long to wait before it reconnects, in milliseconds. */
const OPENING = ': codexd\nretry: 1000\n\n';
const HEARTBEAT = ': heartbeat\n\n';
/** Heartbeats that a socket may stand still for: a peer that vanished without a word never drains it. */
const STILL = 4;

/** Server-sent events to one client. The answer's head goes out with the first use, so errors may come before. */
export interface EventStream {
  readonly ended: boolean;
  open(): void;
  deliver(frame: Frame): void;
  end(): void;
}

/** `onEnd` is called once, whoever ends the stream. */
export function createEventStream(reply: FastifyReply, heartbeat: number, onEnd: () => void): EventStream {
  const response = reply.raw;
  let opened = false;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;

  function open(): void {
    if (opened) return;
    opened = true;
    reply.hijack();
    reply.headers({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    for (const [name, value] of Object.entries(reply.getHeaders())) response.setHeader(name, value ?? '');
    response.writeHead(200);
    response.setTimeout(heartbeat * STILL, () => response.destroy());
    response.once('close', end);
    write(OPENING);
    timer = setInterval(() => write(HEARTBEAT), heartbeat);
  }

  function write(data: Buffer | string): void {
    if (ended) return;
    response.write(data);
    // The client comes back with `Last-Event-ID` and gets the rest.
    if (response.writableLength > OUTBOX_BOUNDS.bytes) end();
  }

  function end(): void {
    if (ended) return;
    ended = true;
    clearInterval(timer);
    if (opened) response.end();
    onEnd();
  }

  return {
    open,
    end,
    deliver(frame) {
      open();
      write(frame.sse);
    },
    get ended() {
      return ended;
    },
  };
}
