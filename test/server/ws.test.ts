import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { CONVERSATION, openDoors } from '../support/doors.ts';
import { bearer } from '../support/http.ts';
import { openStopped } from '../support/stopped-client.ts';
import { openWebSocket } from '../support/websocket.ts';

const event = (number: number, text = '') => ({
  id: '0',
  msg: { type: 'agent_message_delta', delta: `${number}${text}` },
  conversationId: CONVERSATION,
});

describe('a WebSocket', () => {
  it.each(['/rpc', '/'])('opens at %s', async (path) => {
    const { url } = await openDoors();
    const peer = await openWebSocket(url, { path });
    expect(await peer.call('getUserAgent')).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: { userAgent: 'fake/0' },
    });
  });

  it('belongs to a client of the hub for as long as it is open', async () => {
    const { url, hub } = await openDoors();
    const peer = await openWebSocket(url);
    await peer.call('getUserAgent');
    expect([...hub.clients]).toMatchObject([{ kind: 'connection', transport: 'websocket', info: undefined }]);
    peer.socket.terminate();
    await vi.waitFor(() => expect(hub.clients.size).toBe(0));
  });

  it('SEC-TOK-4: opens without a subprotocol when only the token is offered', async () => {
    const { url } = await openDoors();
    const peer = await openWebSocket(url, {
      headers: { ...bearer, 'sec-websocket-protocol': 'other, codexd.v1' },
    }).catch((error: Error) => error);
    // ws refuses what it did not ask for, which shows that the server echoed the one it knows.
    expect(peer).toMatchObject({ message: 'Server sent a subprotocol but none was requested' });
  });

  it('runs requests side by side and answers each when it is done', async () => {
    const first = Promise.withResolvers<{ userAgent: string }>();
    const results = [first.promise, Promise.resolve({ userAgent: 'second' })];
    const { url } = await openDoors({ handlers: { getUserAgent: () => results.shift() ?? first.promise } });
    const peer = await openWebSocket(url);
    peer.send({ id: 1, method: 'getUserAgent' });
    peer.send({ id: 2, method: 'getUserAgent' });
    expect(await peer.next()).toMatchObject({ id: 2 });
    first.resolve({ userAgent: 'first' });
    expect(await peer.next()).toMatchObject({ id: 1 });
  });

  it('SEC-IN-12: has at most 128 requests running, and none is lost', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    const getUserAgent = () =>
      new Promise<{ userAgent: string }>((resolve) => {
        waiting.push(() => resolve({ userAgent: '' }));
        most = Math.max(most, waiting.length);
      });
    const { url } = await openDoors({ handlers: { getUserAgent } });
    const peer = await openWebSocket(url);
    for (let id = 0; id < 1_000; id++) peer.send({ id, method: 'getUserAgent' });
    const ids: unknown[] = [];
    while (ids.length < 1_000) {
      await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0), { interval: 1 });
      waiting.shift()?.();
      ids.push((await peer.next()).id);
    }
    expect(most).toBe(128);
    expect(ids).toEqual(Array.from({ length: 1_000 }, (_, id) => id));
  });

  it('SEC-RPC-1: closes on a binary frame with 1003', async () => {
    const { url } = await openDoors();
    const peer = await openWebSocket(url);
    peer.socket.send(Buffer.from('{}'), { binary: true });
    expect(await peer.closed).toEqual([1003, 'text frames only']);
  });

  it('SEC-IN-5: closes on a message beyond 32 MiB with 1009', async () => {
    const { url } = await openDoors();
    const peer = await openWebSocket(url);
    peer.send(' '.repeat(32 * 1024 * 1024 + 1));
    expect((await peer.closed)[0]).toBe(1009);
  });

  it('SEC-IN-6: closes on too many fragments with 1008', async () => {
    const { url } = await openDoors();
    const peer = await openWebSocket(url);
    for (let part = 0; part < 1_100; part++) peer.socket.send(' ', { fin: false });
    expect((await peer.closed)[0]).toBe(1008);
  });

  it('SEC-IN-7: closes on a flood of pings with 1008', async () => {
    const { url } = await openDoors();
    const peer = await openWebSocket(url);
    for (let count = 0; count < 200; count++) peer.socket.ping();
    expect(await peer.closed).toEqual([1008, 'rate']);
  });

  it('SEC-WS-1: closes on text that is no UTF-8 with 1007', async () => {
    const { url } = await openDoors();
    const peer = await openWebSocket(url);
    peer.socket.send(Buffer.from([0xc3, 0x28]), { binary: false });
    expect((await peer.closed)[0]).toBe(1007);
  });

  it('SEC-WS-1: does not compress', async () => {
    const { url } = await openDoors();
    const peer = await openWebSocket(url, { perMessageDeflate: true });
    expect(peer.socket.extensions).toBe('');
  });

  it('SEC-SLOW-3: ends when the client answers no ping, and not while it does', async () => {
    const { url, port, hub } = await openDoors({ heartbeat: 50 });
    const stopped = await openStopped(port);
    const alive = await openWebSocket(url);
    stopped.resume();
    await once(stopped, 'close');
    expect(alive.socket.readyState).toBe(alive.socket.OPEN);
    await vi.waitFor(() => expect(hub.clients.size).toBe(1));
  });

  it('SEC-SLOW-2: closes a client that reads too slowly with 1013, and serves the others', async () => {
    const { url, port, hub, log } = await openDoors();
    const events = hub.open(CONVERSATION);
    const stopped = await openStopped(port);
    await vi.waitFor(() => expect(hub.clients.size).toBe(1));
    const [slow] = hub.clients;
    const fast = await openWebSocket(url);
    await fast.call('getUserAgent');
    for (const client of hub.clients) hub.subscribe(client, CONVERSATION, 'unheard');

    const text = 'x'.repeat(256 * 1024);
    let published = 0;
    while (hub.clients.has(slow as never)) {
      published += 1;
      hub.publish(CONVERSATION, 'codex/event/agent_message_delta', event(published, text));
      expect(await fast.next()).toMatchObject({ params: { msg: { delta: `${published}${text}` } } });
    }
    expect(published * text.length).toBeLessThan(32 * 1024 * 1024);
    expect(events.listening).toBe(1);
    expect(log.some(({ msg }) => msg === 'closed a client that reads too slowly')).toBe(true);
    // The last frame of all that was waiting: twelve bytes, 1013 and the reason.
    const closing = Buffer.from([0x88, 10, 1013 >> 8, 1013 & 255, ...Buffer.from('too slow')]);
    let tail = Buffer.alloc(0);
    for await (const chunk of stopped) {
      tail = Buffer.concat([tail, chunk]).subarray(-closing.length);
      if (tail.equals(closing)) break;
    }
  });

  it('counts no burst of small events as slowness', async () => {
    const { url, hub } = await openDoors();
    hub.open(CONVERSATION);
    const peer = await openWebSocket(url);
    await peer.call('getUserAgent');
    for (const client of hub.clients) hub.subscribe(client, CONVERSATION, 'unheard');
    for (let count = 1; count <= 10_000; count++) {
      hub.publish(CONVERSATION, 'codex/event/agent_message_delta', event(count));
    }
    for (let count = 1; count <= 10_000; count++) {
      expect((await peer.next()).params).toMatchObject({ msg: { delta: String(count) } });
    }
  });
});
