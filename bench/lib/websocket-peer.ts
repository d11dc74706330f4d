import type { Readable } from 'node:stream';
import { startChild } from './child.ts';
import { createClient } from './client.ts';
import type { StartPeer } from './peer.ts';
import { openWebSocket } from './websocket-wire.ts';

export interface WebSocketServer {
  readonly command: readonly string[];
  /** Where it says that it listens, and at which address. */
  readonly announces: 'stdout' | 'stderr';
  /** Gives the token that it wants to see. */
  readonly token?: (home: string) => Promise<string>;
}

/** A server that takes any number of clients. */
export const webSocketPeer =
  ({ command, announces, token }: WebSocketServer): StartPeer =>
  async (home) => {
    const { process: child, pid, gone, stop } = await startChild(command, home);
    try {
      const url = await Promise.race([
        announcement(child[announces]),
        gone.then((why) => Promise.reject(why)),
      ]);
      const door = { url, ...(token && { token: await token(home) }) };
      const client = createClient(await openWebSocket(door));
      const stopBoth = async (): Promise<void> => {
        client.wire.close();
        await stop();
      };
      return { pid, door, ...client, stop: stopBoth };
    } catch (error) {
      await stop();
      throw error;
    }
  };

const ADDRESS = /listening on:? (?:ws|http):\/\/(\S+)/;

function announcement(output: Readable): Promise<string> {
  let text = '';
  return new Promise((resolve) => {
    output.on('data', (chunk: Buffer | string) => {
      text += chunk.toString();
      const [, address] = ADDRESS.exec(text) ?? [];
      if (address !== undefined) resolve(`http://${address}`);
    });
  });
}
