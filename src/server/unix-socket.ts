import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, type Stats, unlinkSync } from 'node:fs';
import type { Server as HttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { MAX_CONNECTIONS, markFileGuarded } from './connections.ts';

/** What fits into the address structure of every system, with some room. */
const MAX_PATH = 100;

/**
 * Listens on a unix socket and hands its connections to the HTTP server, where they share limits, timeouts and routes
 * with those of TCP. The file's mode is the access control: 0600 in a folder of 0700, both checked before anybody is
 * served. Throws when something at the path is not ours to replace.
 */
export async function listenOnSocket(http: HttpServer, socketPath: string): Promise<Server> {
  prepareFolder(path.dirname(socketPath));
  await removeStale(socketPath);
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    markFileGuarded(socket);
    http.emit('connection', socket);
  });
  server.maxConnections = MAX_CONNECTIONS;
  await listenPrivately(server, socketPath);
  return server;
}

/** The path itself, or a shorter one in the runtime folder when it is too long for a socket. */
export function usableSocketPath(wanted: string, runtimeFolder: string | undefined): string {
  if (Buffer.byteLength(wanted) <= MAX_PATH) return wanted;
  if (runtimeFolder === undefined) {
    throw new Error(
      `the socket path ${wanted} is longer than ${MAX_PATH} bytes and XDG_RUNTIME_DIR is not set`,
    );
  }
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 16);
  return path.join(runtimeFolder, 'codexd', `${name}.sock`);
}

function prepareFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory()) throw new Error(`${folder} is not a folder`);
  requireOurs(folder, found, 0o700);
}

function requireOurs(file: string, found: Stats, wanted: number): void {
  const mode = found.mode & 0o777;
  if (found.uid !== process.getuid?.()) throw new Error(`${file} belongs to another user (uid ${found.uid})`);
  if ((mode & 0o077) === 0) return;
  throw new Error(
    `${file} has mode ${mode.toString(8)}: others may use it; chmod ${wanted.toString(8)} ${file}`,
  );
}

/** A socket file outlives its process; whether somebody still listens only a connection tells. */
async function removeStale(socketPath: string): Promise<void> {
  const found = lstatSync(socketPath, { throwIfNoEntry: false });
  if (!found) return;
  if (!found.isSocket()) throw new Error(`${socketPath} exists and is not a socket`);
  if (found.uid !== process.getuid?.()) throw new Error(`${socketPath} belongs to another user`);
  if (await isListening(socketPath)) throw new Error(`another process listens on ${socketPath}`);
  unlinkSync(socketPath);
}

function isListening(socketPath: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe: Socket = connect(socketPath);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else reject(error);
    });
  });
}

/** The file comes into being with its final mode: `listen` binds before it returns, within the umask. */
function listenPrivately(server: Server, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => {
      try {
        requireOurs(socketPath, lstatSync(socketPath), 0o600);
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
