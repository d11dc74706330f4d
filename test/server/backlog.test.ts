import { describe, expect, it } from 'vitest';
import { createBacklog } from '../../src/server/backlog.ts';
import { CONVERSATION, openDoors } from '../support/doors.ts';
import { openStopped } from '../support/stopped-client.ts';
import { openWebSocket } from '../support/websocket.ts';

describe('SEC-SLOW-2: what waits for all clients together', () => {
  it('cuts off the client with the most of it when it is too much, one at a time', () => {
    const cut: string[] = [];
    const backlog = createBacklog(100);
    const [small, large, other] = ['small', 'large', 'other'].map((name) =>
      backlog.join(() => cut.push(name)),
    );
    small?.set(30);
    large?.set(60);
    large?.set(50);
    expect(cut).toEqual([]);
    other?.set(40);
    expect(cut).toEqual(['large']);
    large?.set(1_000);
    small?.set(50);
    small?.leave();
    other?.set(99);
    expect(cut).toEqual(['large']);
    other?.set(101);
    expect(cut).toEqual(['large', 'other']);
  });

  it('is bounded over real connections, and those who read are not cut off', async () => {
    const { url, port, hub } = await openDoors({ maxBacklog: 4 * 1024 * 1024 });
    hub.open(CONVERSATION);
    const stopped = [await openStopped(port), await openStopped(port), await openStopped(port)];
    const reading = await openWebSocket(url);
    await reading.call('getUserAgent');
    for (const client of hub.clients) hub.subscribe(client, CONVERSATION, 'unheard');
    const delta = 'x'.repeat(256 * 1024);
    while (hub.clients.size > 2) {
      hub.publish(CONVERSATION, 'codex/event/agent_message_delta', {
        id: '0',
        msg: { type: 'agent_message_delta', delta },
        conversationId: CONVERSATION,
      });
      expect(await reading.next()).toMatchObject({ method: 'codex/event/agent_message_delta' });
    }
    for (const socket of stopped) socket.destroy();
    expect(reading.socket.readyState).toBe(reading.socket.OPEN);
  });
});
