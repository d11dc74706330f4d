import { startDaemon } from './daemon-peer.ts';
import { findPeerBinaries } from './install.ts';
import type { Contender, Page, Peer } from './peer.ts';
import { stdioPeer } from './stdio-peer.ts';

const CLIENT = { name: 'bench', version: '1.0.0' };
const PAGE_SIZE = 25;

/** The protocol of Codex 0.36. */
const v1: Omit<Contender, 'name' | 'start'> = {
  async greet(peer) {
    const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: CLIENT };
    await peer.call('initialize', params);
    peer.notify('notifications/initialized');
  },
  async list(peer, cursor) {
    const page = (await peer.call('listConversations', { pageSize: PAGE_SIZE, cursor })) as {
      items: unknown[];
      nextCursor?: string;
    };
    return { count: page.items.length, cursor: page.nextCursor };
  },
  async resume(peer, { path }) {
    await peer.call('resumeConversation', { path });
  },
};

/** The protocol of today's `codex app-server`. */
const v2: Omit<Contender, 'name' | 'start'> = {
  async greet(peer) {
    await peer.call('initialize', { clientInfo: CLIENT, capabilities: { experimentalApi: true } });
    peer.notify('initialized');
  },
  async list(peer, cursor): Promise<Page> {
    const page = (await peer.call('thread/list', { limit: PAGE_SIZE, cursor })) as {
      data: unknown[];
      nextCursor?: string | null;
    };
    return { count: page.data.length, cursor: page.nextCursor ?? undefined };
  },
  async resume(peer, { id }) {
    await peer.call('thread/resume', { threadId: id });
  },
};

/** The subject first, then those it is compared with. */
export async function findContenders(): Promise<Contender[]> {
  const binaries = await findPeerBinaries();
  return [
    { name: 'codexd', start: startDaemon, ...v1 },
    { name: '0.36.0', start: stdioPeer([binaries.v0_36, 'mcp']), ...v1 },
    { name: '0.169.0', start: stdioPeer([binaries.v0_169, 'app-server']), ...v2 },
  ];
}

/** Runs `use` with a contender that answers, and stops it whatever happens. */
export async function withPeer<T>(
  contender: Contender,
  home: string,
  use: (peer: Peer) => Promise<T>,
): Promise<T> {
  const peer = await contender.start(home);
  try {
    await contender.greet(peer);
    return await use(peer);
  } finally {
    await peer.stop();
  }
}
