import { ServerDownError } from './failure.ts';
import type { RunningServer } from './server.ts';

/** How often a server is started again (reliability, REL-CH-2). */
const MAX_RESTARTS = 5;
const PERIOD_MS = 5 * 60_000;

/** A server that is started again when it is needed and has ended. */
export interface LastingServer {
  /** @throws {ServerDownError} when the server does not start, has ended too often, or was closed */
  running(): Promise<RunningServer>;
  /** Never fails. */
  close(): Promise<void>;
}

export function keepServer(first: RunningServer, start: () => Promise<RunningServer>): LastingServer {
  let server = first;
  let starting: Promise<RunningServer> | undefined;
  let isClosed = false;
  let restarts: number[] = [];

  const restart = async (): Promise<RunningServer> => {
    const now = performance.now();
    restarts = restarts.filter((time) => now - time < PERIOD_MS);
    if (restarts.length >= MAX_RESTARTS) {
      throw new ServerDownError(`${server.end()}, and was started again ${MAX_RESTARTS} times in 5 minutes`);
    }
    restarts.push(now);
    server = await start();
    return server;
  };

  return {
    async running() {
      if (isClosed) throw new ServerDownError('the server was closed with its conversation');
      if (server.end() === undefined) return server;
      starting ??= restart().finally(() => {
        starting = undefined;
      });
      return starting;
    },
    async close() {
      isClosed = true;
      await starting?.catch(() => undefined);
      await server.close();
    },
  };
}
