import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import type { Socket } from 'node:net';
import { batchedWrite } from './batched-write.ts';
import { clientFrame, type Frame, frameSplitter, OPCODES } from './frames.ts';
import { createListeners } from './listeners.ts';
import type { Door } from './peer.ts';
import type { Wire } from './wire.ts';

/**
 * A WebSocket that does as little as it can: on a machine of two processors a client that does more than the server is
 * what is measured. It masks a message once, when it is encoded, and leaves the checks of what comes to others.
 */
export async function openWebSocket(door: Door): Promise<Wire> {
  const { socket, head } = await upgrade(door);
  const { listen, tell } = createListeners();
  const take = frameSplitter(messageJoiner(socket, tell));
  if (head.length > 0) take(head);
  socket.setNoDelay(true).on('data', take);
  const ended = new Promise<Error>((resolve) => {
    socket.on('error', resolve).on('close', () => resolve(new Error(`${door.url} closed the connection`)));
  });
  return {
    encode: (text) => clientFrame(OPCODES.text, Buffer.from(text)),
    write: batchedWrite(socket),
    listen,
    ended,
    close: () => socket.destroy(),
  };
}

function upgrade({ url, token }: Door): Promise<{ socket: Socket; head: Buffer }> {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': randomBytes(16).toString('base64'),
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const request = get(new URL('/rpc', url), { headers, agent: false });
    request.on('upgrade', (_response, socket, head) => resolve({ socket: socket as Socket, head }));
    request.on('response', ({ statusCode }) => reject(new Error(`no WebSocket at ${url}: ${statusCode}`)));
    request.on('error', reject);
  });
}

/** Answers pings, and puts messages together that come in several frames. */
function messageJoiner(socket: Socket, tell: (message: Buffer) => void): (frame: Frame) => void {
  let parts: Buffer[] = [];
  return ({ opcode, isFinal, payload }) => {
    if (opcode === OPCODES.ping) socket.write(clientFrame(OPCODES.pong, payload));
    if (opcode > OPCODES.text) return;
    if (isFinal && parts.length === 0) return tell(payload);
    parts.push(payload);
    if (!isFinal) return;
    const message = Buffer.concat(parts);
    parts = [];
    tell(message);
  };
}
