import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { refuseIdle } from './client-error.ts';

/** Connections that came in over the unix socket: whoever may open that file is the user. */
const fileGuarded = new WeakSet<Socket>();

export const markFileGuarded = (socket: Socket): unknown => fileGuarded.add(socket);
export const isFileGuarded = (socket: Socket): boolean => fileGuarded.has(socket);

/** Beyond it connections are answered with 503. */
export const MAX_CONNECTIONS = 1_024;
/** Of those, so many; further ones are closed without an answer. */
const MAX_ANSWERED = 128;

/** Connections over TCP that may be open without having shown a credential (SEC-RATE-2). */
const MAX_STRANGERS = 32;
/** Milliseconds that each of them gets in any case: many clients may come in the same moment. */
const STRANGER_GRACE = 2_000;

export interface Connections {
  /** Upgraded ones included. */
  readonly open: ReadonlySet<Socket>;
  /** Takes the connection out of those that have not shown a credential. */
  authenticated(socket: Socket): void;
}

/** The open connections of a server. Of those that show no credential the ones that came first are ended. */
export function trackConnections(server: Server): Connections {
  const open = new Set<Socket>();
  const strangers = new Map<Socket, number>();
  let watching = false;

  function endOldest(): void {
    watching = false;
    const latest = performance.now() - STRANGER_GRACE;
    for (const [socket, since] of strangers) {
      if (strangers.size <= MAX_STRANGERS) return;
      if (since > latest) break;
      strangers.delete(socket);
      refuseIdle(socket);
    }
    watch();
  }

  function watch(): void {
    if (watching || strangers.size <= MAX_STRANGERS) return;
    watching = true;
    setTimeout(endOldest, STRANGER_GRACE).unref();
  }

  server.maxConnections = MAX_CONNECTIONS + MAX_ANSWERED;
  server.on('connection', (socket) => {
    open.add(socket);
    if (!isFileGuarded(socket)) strangers.set(socket, performance.now());
    watch();
    socket.once('close', () => {
      open.delete(socket);
      strangers.delete(socket);
    });
  });
  return { open, authenticated: (socket) => strangers.delete(socket) };
}
