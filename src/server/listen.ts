import type { Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { asHost } from './host.ts';
import { listenOnSocket, usableSocketPath } from './unix-socket.ts';

export interface ListenOptions {
  /** IP address to bind; `127.0.0.1` unless the user asked for another. */
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** No unix socket when left out. */
  readonly socketPath: string | undefined;
}

export interface Listening {
  readonly url: string;
  /** Where the unix socket really is: a path that is too long is replaced. */
  readonly socket: string | undefined;
  /** Ends all connections; comes to an end whatever the peers do. */
  close(): Promise<void>;
}

/** Starts to accept on TCP and on the unix socket. Nothing is left listening when it throws. */
export async function listen(app: FastifyInstance, options: ListenOptions): Promise<Listening> {
  const { host, port } = options;
  await app.listen({ host, port });
  let local: Server | undefined;
  let socket: string | undefined;
  if (options.socketPath !== undefined) {
    try {
      socket = usableSocketPath(options.socketPath, process.env.XDG_RUNTIME_DIR);
      local = await listenOnSocket(app.server, socket);
    } catch (error) {
      await app.close();
      throw error;
    }
  }
  return { url: urlOf(app), socket, close: () => close(app, local) };
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
