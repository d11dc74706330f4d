import { startChild } from './child.ts';
import { createClient } from './client.ts';
import { lineWire } from './line-wire.ts';
import type { StartPeer } from './peer.ts';

/** A server that is spoken to through its stdin and stdout. */
export const stdioPeer =
  (command: readonly string[]): StartPeer =>
  async (home) => {
    const { process: child, pid, gone, stop } = await startChild(command, home);
    return { pid, ...createClient(lineWire(child.stdin, child.stdout, gone)), stop };
  };
