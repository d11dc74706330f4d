import { lstatSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { MAX_CONNECTIONS, markFileGuarded } from './connections.ts';

/**
 * Listens on a unix socket and hands its connections to the HTTP server, where they share limits, timeouts and routes
 * with those of TCP. The file's mode is the access control: 0600, checked before anybody is served. The folder has to be
 * private and the path free; both are the caller's business.
 */
export async function listenOnSocket(http: HttpServer, socketPath: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    markFileGuarded(socket);
    http.emit('connection', socket);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listenPrivately(server, socketPath);
  return server;
}

/** The file comes into being with its final mode: `listen` binds before it returns, within the umask. */
function listenPrivately(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      try {
        requirePrivate(socketPath);
        resolve();
      } catch (error) {
        server.close();
        reject(error);
      }
    });
    const before = process.umask(0o177);
    try {
      server.listen(socketPath);
    } finally {
      process.umask(before);
    }
  });
}

function requirePrivate(socketPath: string): void {
  const { uid, mode } = lstatSync(socketPath);
  if (uid === process.getuid?.() && (mode & 0o077) === 0) return;
  throw new Error(`others may use ${socketPath}: mode ${(mode & 0o777).toString(8)}, owner ${uid}`);
}
