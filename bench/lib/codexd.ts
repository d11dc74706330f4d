import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StartPeer } from './peer.ts';
import { webSocketPeer } from './websocket-peer.ts';

const ENTRY = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

/** The built daemon of this repository, over its WebSocket and with its token. */
export const startCodexd: StartPeer = webSocketPeer({
  // The others do not unload what nobody uses either.
  command: [process.execPath, ENTRY, 'serve', '--port', '0', '-c', 'server.unload_seconds=0'],
  announces: 'stdout',
  token: tokenOf,
});

async function tokenOf(home: string): Promise<string> {
  const info: { tokenPath: string } = JSON.parse(await readFile(join(home, 'codexd', 'daemon.json'), 'utf8'));
  return (await readFile(info.tokenPath, 'utf8')).trim();
}
