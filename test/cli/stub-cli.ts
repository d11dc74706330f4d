/** The real command line over a small real HTTP server in place of the daemon's inside. */
import { execFileSync } from 'node:child_process';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { main } from '../../src/cli/main.ts';
import type { DaemonOptions, RunningDaemon } from '../../src/daemon/types.ts';

process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
process.exit(await main(process.argv.slice(2), async () => startStub));

async function startStub(options: DaemonOptions): Promise<RunningDaemon> {
  await delay(Number(options.env.STUB_START_MS ?? 0));
  let drains = true;
  const routes: Record<string, () => unknown> = {
    '/healthz': () => ({ status: 'ok' }),
    '/options': () => ({
      ...options,
      log: undefined,
      redactor: undefined,
      env: undefined,
      umask: process.umask(),
    }),
    '/environment': () => Object.keys(options.env),
    '/child-descriptors': () => execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' }).split('\n'),
    '/flood': () => {
      for (let line = 0; line < 10_000; line += 1) options.log.warn({ line }, 'x'.repeat(200));
      return {};
    },
    '/log-token': () => {
      options.log.error({ note: `sent ${options.token}`, token: 'short' }, 'forced');
      return {};
    },
    '/never-drain': () => {
      drains = false;
      return {};
    },
    '/crash': () => {
      setImmediate(() => {
        throw new Error('a stub that breaks');
      });
      return {};
    },
    '/reject': () => {
      void Promise.reject(new Error('a stub that breaks its promise'));
      return {};
    },
  };
  const answer: RequestListener = (request, response) => {
    response.end(JSON.stringify(routes[request.url ?? '']?.() ?? null));
  };
  const tcp = createServer(answer);
  await listen(tcp, { host: options.host, port: options.port });
  const servers = [tcp];
  if (options.socketPath !== undefined) {
    const unix = createServer(answer);
    await listen(unix, { path: options.socketPath });
    servers.push(unix);
  }
  const abort = async () => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  };
  return {
    changeToken: () => {},
    inspect: async () => ({ note: `sent ${options.token}` }),
    signInUrl: () => 'http://127.0.0.1:1/#code=stub',
    url: `http://${options.host}:${(tcp.address() as AddressInfo).port}`,
    socket: options.socketPath,
    abort,
    close: async ({ deadlineMs }) => {
      if (!drains) await delay(deadlineMs);
      await abort();
    },
  };
}

function listen(server: Server, where: { host: string; port: number } | { path: string }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(where, resolve);
  });
}
