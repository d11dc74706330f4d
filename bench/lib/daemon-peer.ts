import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { startChild } from './child.ts';
import { createConnection } from './connection.ts';
import type { StartPeer } from './peer.ts';

const ENTRY = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

/** The built daemon of this repository, over its WebSocket and with its token. */
export const startDaemon: StartPeer = async (home) => {
  const child = await startChild([process.execPath, ENTRY, 'serve', '--port', '0'], home);
  const { process: daemon, pid, gone, stop } = child;
  const failure = gone.then((reason) => Promise.reject(reason));
  failure.catch(() => {});
  if (daemon.stdout) await Promise.race([once(daemon.stdout, 'data'), failure]);
  const socket = await connect(home);
  const { call, notify, receive, fail } = createConnection((text) => socket.send(text));
  socket.on('message', (data) => receive(data.toString()));
  socket.on('close', (code) => fail(new Error(`codexd closed the connection (${code})`)));
  return {
    pid,
    call,
    notify,
    async stop() {
      socket.terminate();
      await stop();
    },
  };
};

async function connect(home: string): Promise<WebSocket> {
  const info: { url: string; tokenPath: string } = JSON.parse(
    await readFile(join(home, 'codexd', 'daemon.json'), 'utf8'),
  );
  const token = (await readFile(info.tokenPath, 'utf8')).trim();
  const socket = new WebSocket(new URL('/rpc', info.url.replace(/^http/, 'ws')), {
    headers: { authorization: `Bearer ${token}` },
    maxPayload: 0,
  });
  await once(socket, 'open');
  return socket;
}
