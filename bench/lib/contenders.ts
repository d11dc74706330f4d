import { startCodexd } from './codexd.ts';
import { findPeerBinaries } from './install.ts';
import type { Contender, Peer, Server } from './peer.ts';
import { stdioPeer } from './stdio-peer.ts';
import { v1 } from './v1.ts';
import { v2 } from './v2.ts';
import { webSocketPeer } from './websocket-peer.ts';

export const codexd: Contender = {
  ...v1,
  name: 'codexd',
  start: startCodexd,
  smallRoute: '/v1/user-agent',
};

/** The subject first, then those it is compared with. */
export async function findContenders(): Promise<Contender[]> {
  const { v0_36, v0_169 } = await findPeerBinaries();
  const appServer = [v0_169, 'app-server', '--listen', 'ws://127.0.0.1:0'];
  return [
    codexd,
    { ...v1, name: '0.36.0', start: stdioPeer([v0_36, 'mcp']) },
    { ...v2, name: '0.169.0', start: webSocketPeer({ command: appServer, announces: 'stderr' }) },
  ];
}

/** Runs `use` with a server that answers, and stops it whatever happens. */
export async function withPeer<T>(
  server: Pick<Server, 'start' | 'greet'>,
  home: string,
  use: (peer: Peer) => Promise<T>,
): Promise<T> {
  const peer = await server.start(home);
  try {
    await server.greet(peer);
    return await use(peer);
  } finally {
    await peer.stop();
  }
}
