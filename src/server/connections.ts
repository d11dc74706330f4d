import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Connections that came in over the unix socket: whoever may open that file is the user. */
const fileGuarded = new WeakSet<Socket>();

export const markFileGuarded = (socket: Socket): unknown => fileGuarded.add(socket);
export const isFileGuarded = (socket: Socket): boolean => fileGuarded.has(socket);

/** Beyond it connections are answered with 503. */
export const MAX_CONNECTIONS = 1_024;
/** Of those, so many; further ones are closed without an answer. */
const MAX_ANSWERED = 128;

/** The open connections of a server, upgraded ones included. */
export function trackConnections(server: Server): ReadonlySet<Socket> {
  const open = new Set<Socket>();
  server.maxConnections = MAX_CONNECTIONS + MAX_ANSWERED;
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}
