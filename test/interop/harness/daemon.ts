import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { type ChildEnd, childEnd } from './child-process.ts';
import { createConnection, handshake } from './connection.ts';
import type { Place, StartTarget } from './target.ts';

/** The built entry point of this repository. */
export const DAEMON_ENTRY = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));

const COMPILE_CACHE = fileURLToPath(new URL('../node_modules/.compile-cache', import.meta.url));

/** Loading its modules is most of what a start costs; compiled once for all starts, they cost a quarter less. */
const COMPILED_ONCE = `data:text/javascript,${encodeURIComponent(
  `import { enableCompileCache } from 'node:module';
   enableCompileCache(${JSON.stringify(COMPILE_CACHE)});`,
)}`;

export interface DaemonProcess {
  readonly end: ChildEnd;
  stop(): Promise<void>;
}

/** The daemon without a connection to it. */
export async function createDaemonProcess(place: Place): Promise<DaemonProcess> {
  const child = spawn(process.execPath, ['--import', COMPILED_ONCE, DAEMON_ENTRY, 'serve', '--port', '0'], {
    cwd: place.cwd,
    env: place.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = childEnd(child, 'codexd');
  const failed = end.reason.then((error) => Promise.reject(error));
  failed.catch(() => undefined);
  await Promise.race([once(createInterface({ input: child.stdout }), 'line'), failed]);
  return {
    end,
    async stop() {
      child.kill('SIGTERM');
      await end.within(1000);
    },
  };
}

/** codexd as a target: JSON-RPC over the WebSocket that `daemon.json` leads to. */
export const startDaemon: StartTarget = async (place) => {
  const daemon = await createDaemonProcess(place);
  const socket = await connect(place).catch(async (error: unknown) => {
    await daemon.stop();
    throw error;
  });
  const connection = createConnection((text) => socket.send(text));
  socket.on('message', (data) => connection.receive(data.toString()));
  socket.on('close', (code) => connection.close(new Error(`codexd closed the connection (${code})`)));
  void daemon.end.reason.then(connection.close);
  const welcome = await handshake(connection);
  return {
    ...connection,
    welcome,
    async stop() {
      socket.terminate();
      await daemon.stop();
    },
  };
};

async function connect({ home }: Place): Promise<WebSocket> {
  const info: { url: string; tokenPath: string } = JSON.parse(
    await readFile(join(home, 'codexd', 'daemon.json'), 'utf8'),
  );
  const token = (await readFile(info.tokenPath, 'utf8')).trim();
  const socket = new WebSocket(`${info.url.replace(/^http/, 'ws').replace(/\/$/, '')}/rpc`, {
    headers: { authorization: `Bearer ${token}` },
  });
  await once(socket, 'open');
  return socket;
}
