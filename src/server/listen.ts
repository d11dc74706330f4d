import type { Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { asHost } from './host.ts';
import { listenOnSocket } from './unix-socket.ts';

export interface ListenOptions {
  /** IP address to bind; `127.0.0.1` unless the user asked for another. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** `undefined` for no unix socket; else a free path in a private folder. */
  readonly socketPath: string | undefined;
}

export interface Listening {
  readonly url: string;
  readonly socket: string | undefined;
  /** Ends all connections; comes to an end whatever the peers do. */
  close(): Promise<void>;
}

/** Starts to accept on TCP and on the unix socket. Nothing is left listening when it throws. */
export async function listen(app: FastifyInstance, options: ListenOptions): Promise<Listening> {
  const { host, port } = options;
  await app.listen({ host, port });
  const { socketPath } = options;
  try {
    const local = socketPath === undefined ? undefined : await listenOnSocket(app.server, socketPath);
    return { url: urlOf(app), socket: socketPath, close: () => close(app, local) };
  } catch (error) {
    await app.close();
    throw error;
  }
}

function urlOf(app: FastifyInstance): string {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on TCP');
  return `http://${asHost(address.address)}:${address.port}`;
}

async function close(app: FastifyInstance, local: Server | undefined): Promise<void> {
  const localClosed = local && new Promise<void>((resolve) => local.close(() => resolve()));
  await app.close();
  await localClosed;
}
