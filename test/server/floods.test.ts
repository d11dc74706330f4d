import { connect, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { CONVERSATION, openDoors, TOKEN } from '../support/doors.ts';
import { openEvents } from '../support/event-source.ts';
import { bearer, get } from '../support/http.ts';
import { openListener } from '../support/load/crowd.ts';
import { openWebSocket } from '../support/websocket.ts';

const delta = (text: string) => ({
  id: '0',
  msg: { type: 'agent_message_delta', delta: text },
  conversationId: CONVERSATION,
});

/** The surface with one loaded conversation that clients can listen to. */
async function openLoaded(options = {}) {
  const doors = await openDoors({
    handlers: {
      addConversationListener: ({ conversationId, afterEventId }, { client }) => ({
        subscriptionId: doors.hub.subscribe(client, conversationId, { after: afterEventId ?? '' }),
      }),
    },
    ...options,
  });
  return { ...doors, log: doors.hub.open(CONVERSATION) };
}

describe('the replay of a full log', () => {
  it('closes no client, over the WebSocket and as a stream', async () => {
    const { url, hub, log } = await openLoaded();
    const text = 'x'.repeat(4_000);
    for (let count = 0; count < 2_000; count++)
      hub.publish(CONVERSATION, 'codex/event/agent_message_delta', delta(text));
    const listener = await openListener({ url, token: TOKEN }, CONVERSATION, log.startEventId);
    await listener.until(log.lastEventId);
    expect(listener.closedWith).toBeUndefined();
    expect(listener.ids).toHaveLength(2_000);
    listener.close();
    const stream = await openEvents(
      `${url}/v1/conversations/${CONVERSATION}/events?afterEventId=${log.startEventId}`,
    );
    for (let count = 1; count <= 2_000; count++) {
      expect((await stream.next())?.id).toBe(`${log.startEventId.split('-')[0]}-${count}`);
    }
  });

  it('leaves a client alone that asks for it and then does not read, and others too', async () => {
    const { url, hub, log } = await openLoaded();
    const text = 'x'.repeat(4_000);
    for (let count = 0; count < 2_000; count++)
      hub.publish(CONVERSATION, 'codex/event/agent_message_delta', delta(text));
    const greedy = await openWebSocket(url);
    greedy.socket.pause();
    const params = { conversationId: CONVERSATION, afterEventId: log.startEventId };
    for (let id = 0; id < 20; id++) greedy.send({ id, method: 'addConversationListener', params });
    await vi.waitFor(() => expect(log.listening).toBe(1));
    const [client] = hub.connected;
    const other = await openListener({ url, token: TOKEN }, CONVERSATION, log.startEventId);
    await other.until(log.lastEventId);
    // Asked for once or twice before the daemon stops reading what else the client wants.
    expect(client?.queuedBytes).toBeLessThan(32 * 1024 * 1024);
    greedy.socket.terminate();
    other.close();
    await vi.waitFor(() => expect(hub.connected).toEqual([]));
  });
});

describe('SEC-FLOOD-1: a flood of calls', () => {
  it('does not starve another client', async () => {
    const { url } = await openDoors();
    const flooders = await Promise.all(Array.from({ length: 31 }, () => openWebSocket(url)));
    let flooding = true;
    const flood = async (peer: (typeof flooders)[number]) => {
      while (flooding) {
        for (let id = 0; id < 20; id++) peer.send({ id, method: 'getUserAgent' });
        for (let answered = 0; answered < 20; answered++) await peer.next();
      }
    };
    const floods = flooders.map(flood);
    const quiet = await openWebSocket(url);
    const times: number[] = [];
    for (let count = 0; count < 100; count++) {
      const started = performance.now();
      await quiet.call('getUserAgent');
      times.push(performance.now() - started);
    }
    flooding = false;
    await Promise.all(floods);
    const [, p99 = 0] = times.sort((a, b) => b - a);
    console.log(`p99 beside 31 flooding clients, all in one process: ${p99.toFixed(0)} ms`);
    expect(p99).toBeLessThan(500);
  });
});

describe('REL-CL-6: connections that come and go', () => {
  it('leave nothing behind', async () => {
    const { url, hub, log, app } = await openLoaded();
    const connections = () =>
      new Promise<number>((resolve) => app.server.getConnections((_error, count) => resolve(count)));
    for (let round = 0; round < 40; round++) {
      const peers = await Promise.all(Array.from({ length: 5 }, () => openWebSocket(url)));
      const stream = await openEvents(`${url}/v1/conversations/${CONVERSATION}/events`);
      await get(`${url}/v1/user-agent`);
      for (const peer of peers) peer.socket.terminate();
      stream.hangUp();
    }
    await vi.waitFor(async () => {
      expect([hub.connected.length, log.listening, await connections()]).toEqual([0, 0, 0]);
    });
  });
});

describe('SEC-SLOW-1: slowloris', () => {
  it('is cut off within 15 seconds while others are served', { timeout: 30_000 }, async () => {
    const { url, port } = await openDoors();
    const slow = Array.from({ length: 100 }, () => dribble(port));
    const started = performance.now();
    const ends = Promise.all(slow.map(({ end }) => end));
    const probe = setInterval(
      () => void get(`${url}/v1/user-agent`).then(({ status }) => answers.push(status)),
      200,
    );
    const answers: number[] = [];
    const received = await ends;
    clearInterval(probe);
    expect(performance.now() - started).toBeLessThan(15_000);
    for (const text of received) expect(text).toMatch(/^HTTP\/1\.1 408 /);
    expect(answers.length).toBeGreaterThan(10);
    expect(new Set(answers)).toEqual(new Set([200]));
  });
});

/** A client that sends one byte of its headers after the other. */
function dribble(port: number): { end: Promise<string> } {
  const socket: Socket = connect(port, '127.0.0.1', () => socket.write('GET /v1/user-agent HTTP/1.1\r\n'));
  const timer = setInterval(() => socket.writable && socket.write('x'), 1_000);
  let received = '';
  socket.setEncoding('utf8').on('data', (text) => {
    received += text;
  });
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  const end = new Promise<string>((resolve) => {
    socket.on('close', () => {
      clearInterval(timer);
      resolve(received);
    });
  });
  return { end };
}

describe('SEC-IN-14: listeners', () => {
  it('are at most 1,000 per connection', async () => {
    const { url, log } = await openLoaded();
    const peer = await openWebSocket(url, { headers: bearer });
    const params = { conversationId: CONVERSATION, afterEventId: log.lastEventId };
    const answers: unknown[] = [];
    for (let count = 0; count < 1_001; count++)
      answers.push(await peer.call('addConversationListener', params));
    expect(answers[999]).toMatchObject({ result: {} });
    expect(answers[1_000]).toMatchObject({ error: { code: -32001, data: { reason: 'too_many_listeners' } } });
  });
});
