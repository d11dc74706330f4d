import { once } from 'node:events';
import { connect } from 'node:net';
import { EventSource } from 'eventsource';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Frame } from '../../src/rpc/frame.ts';
import { Hub } from '../../src/rpc/hub.ts';
import { CONVERSATION, type Doors, openDoors } from '../support/doors.ts';
import { openEvents } from '../support/event-source.ts';
import { bearer, call, get, post } from '../support/http.ts';
import { openWebSocket } from '../support/websocket.ts';

const METHOD = 'codex/event/agent_message_delta';
const address = `/v1/conversations/${CONVERSATION}/events`;

function say({ hub }: Doors, delta: string): void {
  hub.publish(CONVERSATION, METHOD, {
    id: '0',
    msg: { type: 'agent_message_delta', delta },
    conversationId: CONVERSATION,
  });
}

const deltaOf = (data = '{}') => JSON.parse(data).msg?.delta;

/** The surface with one loaded conversation, and listeners made the way the real handlers make them. */
async function openLoaded(options = {}): Promise<Doors> {
  const hub = new Hub();
  hub.open(CONVERSATION);
  return openDoors({
    hub,
    handlers: {
      addConversationListener: ({ conversationId, afterEventId }, { client }) => ({
        subscriptionId: hub.subscribe(
          client,
          conversationId,
          afterEventId ? { after: afterEventId } : 'unheard',
        ),
      }),
      removeConversationListener: ({ subscriptionId }) => {
        hub.unsubscribe(subscriptionId);
        return {};
      },
    },
    ...options,
  });
}

describe('the event stream of a conversation', () => {
  it('opens with a comment and a retry time, unbuffered and uncached', async () => {
    const { url } = await openLoaded();
    const reader = await openEvents(`${url}${address}`);
    expect(reader.response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
    });
    await vi.waitFor(() => expect([reader.comments, reader.retry]).toEqual([['codexd'], 1000]));
  });

  it('REL-LOG-1: carries id, method and params, the same as the WebSocket', async () => {
    const doors = await openLoaded();
    const reader = await openEvents(`${doors.url}${address}`);
    const peer = await openWebSocket(doors.url);
    await peer.call('addConversationListener', { conversationId: CONVERSATION });
    say(doors, 'line\nbreak é');
    const event = await reader.next();
    const notification = await peer.next();
    expect(event).toEqual({
      id: doors.hub.log(CONVERSATION)?.lastEventId,
      event: METHOD,
      data: JSON.stringify(notification.params),
    });
    expect(notification.params).toMatchObject({ _meta: { eventId: event?.id } });
  });

  it('gives held events to the first listener, and starts live for the second', async () => {
    const doors = await openLoaded();
    say(doors, 'one');
    say(doors, 'two');
    const first = await openEvents(`${doors.url}${address}`);
    expect([deltaOf((await first.next())?.data), deltaOf((await first.next())?.data)]).toEqual([
      'one',
      'two',
    ]);
    const second = await openEvents(`${doors.url}${address}`);
    say(doors, 'three');
    expect(deltaOf((await first.next())?.data)).toBe('three');
    expect(deltaOf((await second.next())?.data)).toBe('three');
  });

  it('REL-LOG-4: replays what came after Last-Event-ID, which beats ?afterEventId=', async () => {
    const doors = await openLoaded();
    const reader = await openEvents(`${doors.url}${address}`);
    for (const delta of ['one', 'two', 'three']) say(doors, delta);
    const ids = [await reader.next(), await reader.next(), await reader.next()].map(
      (event) => event?.id ?? '',
    );
    const again = await openEvents(`${doors.url}${address}?afterEventId=${ids[1]}`, {
      'last-event-id': `${ids[0]}`,
    });
    expect([(await again.next())?.id, (await again.next())?.id]).toEqual(ids.slice(1));
    const byQuery = await openEvents(`${doors.url}${address}?afterEventId=${ids[1]}`);
    expect((await byQuery.next())?.id).toBe(ids[2]);
  });

  it('REL-LOG-6: starts with a gap when the id is of another run, and the gap has no id', async () => {
    const doors = await openLoaded();
    say(doors, 'one');
    const reader = await openEvents(`${doors.url}${address}`, { 'last-event-id': 'abc123-7' });
    expect(await reader.next()).toEqual({
      id: undefined,
      event: 'codex/event/gap',
      data: JSON.stringify({
        conversationId: CONVERSATION,
        lastEventId: doors.hub.log(CONVERSATION)?.lastEventId,
      }),
    });
  });

  it.each(['nonsense', 'a b-1', '-1', 'abc-', `${'a'.repeat(40)}-1`])(
    'REL-LOG-4: refuses the malformed id %s',
    async (id) => {
      const { url } = await openLoaded();
      const byHeader = await get(`${url}${address}`, { ...bearer, 'last-event-id': id });
      const byQuery = await get(`${url}${address}?afterEventId=${encodeURIComponent(id)}`);
      expect([byHeader.status, byHeader.json()]).toMatchObject([
        400,
        { errors: [{ path: 'Last-Event-ID' }] },
      ]);
      expect([byQuery.status, byQuery.json()]).toMatchObject([400, { errors: [{ path: 'afterEventId' }] }]);
    },
  );

  it('is found under the id in any case, and is 404 for a conversation that is not loaded', async () => {
    const { url } = await openLoaded();
    await openEvents(`${url}/v1/conversations/${CONVERSATION.toUpperCase()}/events`);
    const missing = await get(`${url}/v1/conversations/${CONVERSATION.replace('b', 'c')}/events`);
    expect([missing.status, missing.json()]).toMatchObject([
      404,
      { code: -32600, reason: 'conversation_not_found' },
    ]);
    expect(missing.headers['content-type']).toBe('application/problem+json');
  });

  it('ends when the conversation is closed', async () => {
    const doors = await openLoaded();
    const reader = await openEvents(`${doors.url}${address}`);
    say(doors, 'last');
    doors.hub.close(CONVERSATION);
    expect((await reader.rest()).map(({ data }) => deltaOf(data))).toEqual(['last']);
  });

  it('also carries what is said to all clients, without an id', async () => {
    const doors = await openLoaded();
    const reader = await openEvents(`${doors.url}${address}`);
    doors.hub.broadcast(new Frame('authStatusChange', {}));
    expect(await reader.next()).toEqual({ id: undefined, event: 'authStatusChange', data: '{}' });
  });

  it('leaves nothing behind when the client hangs up', async () => {
    const doors = await openLoaded();
    const reader = await openEvents(`${doors.url}${address}`);
    expect([doors.hub.log(CONVERSATION)?.listening, doors.hub.clients.size]).toEqual([1, 1]);
    reader.hangUp();
    await vi.waitFor(() => {
      expect([doors.hub.log(CONVERSATION)?.listening, doors.hub.clients.size]).toEqual([0, 0]);
    });
  });

  it('SEC-SLOW-3: has a heartbeat', async () => {
    const { url } = await openLoaded({ heartbeat: 20 });
    const reader = await openEvents(`${url}${address}`);
    await vi.waitFor(() =>
      expect(reader.comments.filter((text) => text === 'heartbeat').length).toBeGreaterThan(2),
    );
  });

  it('SEC-SLOW-2: ends for a client that reads too slowly, and serves the others', async () => {
    const doors = await openLoaded();
    const stopped = connect(doors.port, '127.0.0.1');
    onTestFinished(() => void stopped.destroy());
    const head = [
      `GET ${address} HTTP/1.1`,
      'Host: localhost',
      'Connection: close',
      `Authorization: ${bearer.authorization}`,
    ];
    stopped.write(`${head.join('\r\n')}\r\n\r\n`);
    await once(stopped, 'data');
    stopped.pause();
    const fast = await openEvents(`${doors.url}${address}`);
    const text = 'x'.repeat(256 * 1024);
    const log = doors.hub.log(CONVERSATION);
    for (let count = 0; log?.listening === 2; count++) {
      say(doors, `${count}${text}`);
      expect(deltaOf((await fast.next())?.data)).toBe(`${count}${text}`);
    }
    expect(log?.listening).toBe(1);
    stopped.resume();
    await once(
      stopped.on('data', () => {}),
      'close',
    );
  });

  it('works with EventSource, also when it has to reconnect', async () => {
    const doors = await openLoaded();
    const source = new EventSource(`${doors.url}${address}`, {
      fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...bearer } }),
    });
    onTestFinished(() => source.close());
    const seen: string[] = [];
    source.addEventListener(METHOD, ({ data }) => seen.push(deltaOf(data)));
    await once(source as unknown as EventTarget, 'open');
    say(doors, 'one');
    await vi.waitFor(() => expect(seen).toEqual(['one']));
    doors.app.server.closeAllConnections();
    say(doors, 'two');
    await vi.waitFor(() => expect(seen).toEqual(['one', 'two']), { timeout: 5_000 });
  });
});

describe('the stream of all events', () => {
  it('carries every conversation and every broadcast, from now on', async () => {
    const doors = await openLoaded();
    say(doors, 'before');
    const reader = await openEvents(`${doors.url}/v1/events`);
    say(doors, 'after');
    doors.hub.broadcast(new Frame('authStatusChange', { authMethod: 'apikey' }));
    expect(deltaOf((await reader.next())?.data)).toBe('after');
    expect((await reader.next())?.event).toBe('authStatusChange');
  });

  it('does not count as a listener of a conversation', async () => {
    const doors = await openLoaded();
    await openEvents(`${doors.url}/v1/events`);
    expect(doors.hub.log(CONVERSATION)?.listening).toBe(0);
  });
});

describe('a listener made by REST', () => {
  const listeners = `/v1/conversations/${CONVERSATION}/listeners`;

  it('is read at the address that Location names, and goes on where the reading stopped', async () => {
    const doors = await openLoaded();
    say(doors, 'held');
    const made = await post(`${doors.url}${listeners}`, {});
    expect(made.status).toBe(201);
    say(doors, 'unread');
    const first = await openEvents(`${doors.url}${made.headers.location}`);
    expect([deltaOf((await first.next())?.data), deltaOf((await first.next())?.data)]).toEqual([
      'held',
      'unread',
    ]);
    first.hangUp();
    await vi.waitFor(() => expect(doors.hub.clients.size).toBe(0));
    say(doors, 'meanwhile');
    const second = await openEvents(`${doors.url}${made.headers.location}`);
    expect(deltaOf((await second.next())?.data)).toBe('meanwhile');
  });

  it('starts after an event, and can be read again from one', async () => {
    const doors = await openLoaded();
    say(doors, 'one');
    const after = doors.hub.log(CONVERSATION)?.lastEventId ?? '';
    say(doors, 'two');
    const made = await post(`${doors.url}${listeners}`, { afterEventId: after });
    const stream = `${doors.url}${made.headers.location}`;
    expect(deltaOf((await (await openEvents(stream)).next())?.data)).toBe('two');
    const again = await openEvents(stream, { 'last-event-id': after });
    expect(deltaOf((await again.next())?.data)).toBe('two');
  });

  it('ends its stream when it is removed, and is unknown from then on', async () => {
    const doors = await openLoaded();
    const made = await post(`${doors.url}${listeners}`, {});
    const { subscriptionId } = made.json() as { subscriptionId: string };
    const reader = await openEvents(`${doors.url}${made.headers.location}`);
    const removed = await call(`${doors.url}/v1/listeners/${subscriptionId}`, {
      method: 'DELETE',
      headers: bearer,
    });
    expect([removed.status, removed.json()]).toEqual([200, {}]);
    expect(await reader.rest()).toEqual([]);
    const missing = await get(`${doors.url}${made.headers.location}`);
    expect([missing.status, missing.json()]).toMatchObject([404, { reason: 'subscription_not_found' }]);
  });
});
