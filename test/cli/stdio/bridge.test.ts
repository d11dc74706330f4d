import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { bridge } from '../../../src/cli/stdio/bridge.ts';

const FRAME = `"${'x'.repeat(64 * 1024)}"`;
const FRAMES = 512;

/** Both ends of one WebSocket. */
async function socketPair(): Promise<{ daemon: WebSocket; socket: WebSocket }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const connected = once(server, 'connection');
  const socket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(socket, 'open');
  const [daemon] = (await connected) as [WebSocket];
  onTestFinished(() => daemon.terminate());
  return { daemon, socket };
}

const never = new Promise<never>(() => {});
const adapt = (message: unknown) => message;

test('leaves in the connection what its client does not read yet, and loses nothing', async () => {
  const { daemon, socket } = await socketPair();
  const [input, output] = [new PassThrough(), new PassThrough()];
  const end = bridge({ input, output, socket, adapt, orphaned: never });
  let left = 0;
  const sending = Array.from(
    { length: FRAMES },
    () =>
      new Promise<void>((resolve) => {
        daemon.send(FRAME, () => {
          left += 1;
          resolve();
        });
      }),
  );
  await once(output, 'readable');
  await expect.poll(() => socket.isPaused).toBe(true);
  expect(output.readableLength + output.writableLength).toBeLessThan(4 * 1024 * 1024);
  let received = 0;
  output.on('data', (data: Buffer) => {
    received += data.length;
    if (received === FRAMES * (FRAME.length + 1)) input.end();
  });
  await Promise.all(sending);
  expect(await end).toBeUndefined();
  expect([left, received]).toEqual([FRAMES, FRAMES * (FRAME.length + 1)]);
});

test('reads no more input than the daemon takes', async () => {
  const { daemon, socket } = await socketPair();
  daemon.pause();
  const [input, output] = [new PassThrough(), new PassThrough()];
  void bridge({ input, output, socket, adapt, orphaned: never });
  let taken = 0;
  const write = (): void => {
    while (taken < FRAMES && input.write(`${FRAME}\n`)) taken += 1;
    if (taken < FRAMES) input.once('drain', write);
  };
  write();
  await expect.poll(() => socket.bufferedAmount).toBeGreaterThan(1024 * 1024);
  expect(taken).toBeLessThan(FRAMES);
  let arrived = 0;
  const whole = new Promise<void>((resolve) => {
    daemon.on('message', () => {
      arrived += 1;
      if (arrived === FRAMES) resolve();
    });
  });
  daemon.resume();
  await whole;
  input.end();
});

test('passes texts on as they are, to the byte', async () => {
  const { daemon, socket } = await socketPair();
  const [input, output] = [new PassThrough(), new PassThrough()];
  const end = bridge({ input, output, socket, adapt, orphaned: never });
  const odd = '{ "b" : 1e2, "a": "\u2028\r é", "a": 12345678901234567890 }';
  const bytes = Buffer.from(`\n${odd}\r\n\n`);
  const arrived = once(daemon, 'message');
  const cut = bytes.indexOf('é') + 1;
  input.write(bytes.subarray(0, cut));
  input.write(bytes.subarray(cut));
  expect(String((await arrived)[0])).toBe(odd);
  daemon.send(odd);
  expect(String((await once(output, 'data'))[0])).toBe(`${odd}\n`);
  input.end();
  expect(await end).toBeUndefined();
});

test('ends when a line is longer than the daemon takes, and says so', async () => {
  const { socket } = await socketPair();
  const [input, output] = [new PassThrough(), new PassThrough()];
  const end = bridge({ input, output, socket, adapt, orphaned: never });
  input.write(Buffer.alloc(33 * 1024 * 1024, 'x'));
  expect(await end).toContain('longer than');
});
