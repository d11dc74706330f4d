import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { createClient } from '../../../bench/lib/client.ts';
import { type Frame, frameSplitter } from '../../../bench/lib/frames.ts';
import { openWebSocket } from '../../../bench/lib/websocket-wire.ts';

const frame = (payload: string): Buffer => {
  const bytes = Buffer.from(payload);
  if (bytes.length < 126) return Buffer.concat([Buffer.from([0x81, bytes.length]), bytes]);
  const head = Buffer.alloc(bytes.length > 0xffff ? 10 : 4);
  head[0] = 0x81;
  head[1] = bytes.length > 0xffff ? 127 : 126;
  if (bytes.length > 0xffff) head.writeBigUInt64BE(BigInt(bytes.length), 2);
  else head.writeUInt16BE(bytes.length, 2);
  return Buffer.concat([head, bytes]);
};

it('frames are found wherever their bytes are cut', () => {
  const texts = ['', 'a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(300), 'e'.repeat(70_000), 'f'];
  const bytes = Buffer.concat(texts.map(frame));
  for (const size of [1, 7, 1_000, bytes.length]) {
    const found: Frame[] = [];
    const take = frameSplitter((each) => found.push(each));
    for (let at = 0; at < bytes.length; at += size) take(bytes.subarray(at, at + size));
    expect(found.map(({ payload }) => payload.toString())).toEqual(texts);
  }
});

async function startServer(): Promise<{ server: WebSocketServer; url: string }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

it('a WebSocket of the bench speaks with one of ws, also about long messages and in parts', async () => {
  const { server, url } = await startServer();
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { id, params } = JSON.parse(data.toString());
      const answer = JSON.stringify({
        id,
        result: { length: params.text.length, long: 'x'.repeat(200_000) },
      });
      socket.send(answer.slice(0, 100_000), { fin: false });
      socket.send(answer.slice(100_000));
    });
  });
  const client = createClient(await openWebSocket({ url }));
  for (const length of [1, 1_000, 60_000])
    expect(await client.call('measure', { text: 'y'.repeat(length) })).toMatchObject({ length });
  client.wire.close();
});

it('a WebSocket of the bench answers pings', async () => {
  const { server, url } = await startServer();
  const ponged = new Promise<string>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('pong', (data) => resolve(data.toString()));
      socket.ping('are you there');
    });
  });
  const wire = await openWebSocket({ url });
  expect(await ponged).toBe('are you there');
  wire.close();
});

it('what waits for an answer is told that the connection is gone', async () => {
  const { server, url } = await startServer();
  server.on('connection', (socket) => socket.on('message', () => socket.terminate()));
  const client = createClient(await openWebSocket({ url }));
  await expect(client.call('anything')).rejects.toThrowError('closed the connection');
});
