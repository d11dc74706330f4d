import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Hub } from '../../src/rpc/hub.ts';
import { CONVERSATION, openDoors } from '../support/doors.ts';
import { openEvents } from '../support/event-source.ts';
import { bearer, get } from '../support/http.ts';
import { openWebSocket } from '../support/websocket.ts';

/** A client that sends these lines, reads the first bytes of the answer, and then nothing more. */
async function openStopped(port: number, ...lines: string[]): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write([...lines, `Host: localhost`, `Authorization: ${bearer.authorization}`, '', ''].join('\r\n'));
  await once(socket, 'data');
  return socket.pause();
}

const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

async function timed(work: Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work;
  return performance.now() - started;
}

describe('closing', () => {
  it('ends at once when nobody is connected', async () => {
    const { listening } = await openDoors({ grace: 10_000 });
    expect(await timed(listening.close())).toBeLessThan(2_000);
  });

  it('REL-SIG-1: ends event streams, closes WebSockets with 1001, and then refuses connections', async () => {
    const { url, listening } = await openDoors({ grace: 10_000 });
    const reader = await openEvents(`${url}/v1/events`);
    const peer = await openWebSocket(url);
    const elapsed = await timed(listening.close());
    expect(await reader.rest()).toEqual([]);
    expect(await peer.closed).toEqual([1001, 'shutting down']);
    expect(elapsed).toBeLessThan(2_000);
    await expect(get(`${url}/healthz`)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('waits for requests that are being answered', async () => {
    const entered = Promise.withResolvers<void>();
    const leave = Promise.withResolvers<{ userAgent: string }>();
    const getUserAgent = () => {
      entered.resolve();
      return leave.promise;
    };
    const { url, listening } = await openDoors({ handlers: { getUserAgent }, grace: 5_000 });
    const answer = get(`${url}/v1/user-agent`);
    await entered.promise;
    const closed = listening.close();
    leave.resolve({ userAgent: 'late' });
    expect((await answer).json()).toEqual({ userAgent: 'late' });
    await closed;
  });

  it('does not hang on peers that stopped reading', async () => {
    const hub = new Hub();
    hub.open(CONVERSATION);
    const { port, listening } = await openDoors({ hub });
    const stream = await openStopped(port, `GET /v1/conversations/${CONVERSATION}/events HTTP/1.1`);
    const socket = await openStopped(port, 'GET /rpc HTTP/1.1', ...UPGRADE);
    await vi.waitFor(() => expect(hub.clients.size).toBe(2));
    for (const client of hub.clients) {
      if (client.transport === 'websocket') hub.subscribe(client, CONVERSATION, 'unheard');
    }
    const text = 'x'.repeat(1024 * 1024);
    for (let count = 0; count < 7; count++) hub.publish(CONVERSATION, 'codex/event/error', { text });
    const elapsed = await timed(listening.close());
    expect(elapsed).toBeGreaterThan(150);
    expect(elapsed).toBeLessThan(5_000);
    stream.resume();
    socket.resume();
  });

  it('does not hang on connections that never send a request, or half of one', async () => {
    const { port, listening } = await openDoors();
    for (const text of ['', 'GET / HTTP/1.1\r\nHost: x']) {
      const socket = connect({ port, host: '127.0.0.1' });
      onTestFinished(() => void socket.destroy());
      socket.on('error', () => {});
      await once(socket, 'connect');
      socket.write(text);
    }
    expect(await timed(listening.close())).toBeLessThan(5_000);
  });

  it('answers 503 to a request that was on its way', async () => {
    const { url, port, listening } = await openDoors({ grace: 5_000 });
    const socket = connect({ port, host: '127.0.0.1' });
    socket.write('GET /v1/user-agent HTTP/1.1\r\n');
    await get(`${url}/healthz`);
    const closed = listening.close();
    await vi.waitFor(() => expect(get(`${url}/healthz`)).rejects.toMatchObject({ code: 'ECONNREFUSED' }));
    socket.write(`Host: localhost\r\nAuthorization: ${bearer.authorization}\r\n\r\n`);
    let received = '';
    for await (const chunk of socket) received += chunk;
    await closed;
    expect(received).toMatch(/^HTTP\/1\.1 503 /);
    expect(received).toContain('"reason":"draining"');
    expect(received.toLowerCase()).toContain('retry-after: 1');
  });
});
