import { join } from 'node:path';
import type { Server } from './peer.ts';
import { webSocketPeer } from './websocket-peer.ts';

const ENTRY = join(import.meta.dirname, 'bare-server.js');

/** What the web framework takes for itself: Fastify with `@fastify/websocket`, and nothing behind it. */
export const bare: Server = {
  name: 'bare',
  start: webSocketPeer({ command: [process.execPath, ENTRY], announces: 'stdout' }),
  greet: async () => {},
  smallRoute: '/',
};
