import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { event } from '../core/rollout/samples.ts';
import type { Notification, SocketClient } from '../support/daemon-process.ts';
import { createConversation } from '../support/lifecycle/conversation.ts';
import { openDaemonWorld } from '../support/lifecycle/daemon-world.ts';
import {
  type Door,
  eventsOf,
  type Follower,
  follow,
  listenAfter,
  type Way,
} from '../support/lifecycle/followers.ts';
import { runSettings, timeLimit } from '../support/lifecycle/runs.ts';

const RUNS = runSettings(25);
const PARTS = 60;
const EVENTS = PARTS * 11;

const STORED = new Set(['agent_message', 'token_count']);

const idOf = ({ params }: Notification): string => params._meta.eventId;

const follower = fc.record({
  /** How many events of the turn are out when the snapshot is taken. */
  at: fc.nat({ max: EVENTS }),
  way: fc.constantFrom<Way>('getConversation', 'resumeConversation'),
  door: fc.constantFrom<Door>('websocket', 'sse'),
  pause: fc.nat({ max: 5 }),
});

/** Resolves when so many events are there, or all that there will be. */
async function reach(socket: SocketClient, count: number): Promise<void> {
  const isThere = (): boolean => {
    const { length } = socket.notifications;
    return length >= count || socket.notifications.at(-1)?.method === 'codex/event/task_complete';
  };
  while (!isThere()) await once(socket.socket, 'message');
}

/** A snapshot and what came after it make up the whole, each event once. */
function expectWhole(all: readonly Notification[], { snapshot, events }: Follower): void {
  const at = all.findIndex((each) => idOf(each) === snapshot.lastEventId);
  expect(events().map(idOf)).toEqual(all.slice(at + 1).map(idOf));
  const shown = snapshot.messages.filter(({ type }) => STORED.has(type));
  const told = all.slice(0, at + 1).map(({ params }) => params.msg);
  expect(shown).toEqual(told.filter(({ type }) => STORED.has(type)));
}

describe('REL-LC-12: a snapshot and the events after it leave nothing out and repeat nothing (REL-LOG-3)', () => {
  test(
    'wherever in a running turn it is taken, over WebSocket and SSE',
    async () => {
      const { daemon } = await openDaemonWorld();
      const property = fc.asyncProperty(
        fc.array(follower, { minLength: 2, maxLength: 4 }),
        async (wanted) => {
          const conversation = await daemon.newConversation();
          const { conversationId } = conversation;
          const reference = await daemon.connect();
          await reference.listen(conversationId);
          await daemon.say(conversationId, `many ${PARTS}`);
          const followers = await Promise.all(
            wanted.map(async (how) => {
              await reach(reference, how.at);
              return follow(daemon, conversation, how);
            }),
          );
          await reference.event('task_complete');
          const all = eventsOf(reference.notifications);
          for (const each of followers) {
            if (each.snapshot.lastEventId !== all.map(idOf).at(-1)) await each.ended;
            expectWhole(all, each);
          }
          reference.socket.terminate();
        },
      );
      await fc.assert(property, RUNS);
    },
    timeLimit(RUNS.numRuns, 2_000),
  );

  test('of a stored conversation that is then loaded from the same bytes', async () => {
    const world = await openDaemonWorld();
    const { file } = createConversation(world, 'sessions');
    const { daemon, socket } = world;
    const stored = await daemon.get<{ loaded: boolean; lastEventId: string }>(`/v1/conversations/${file.id}`);
    expect(stored.loaded).toBe(false);
    await daemon.post('/v1/conversations/resume', { path: file.sessions });
    await daemon.say(file.id, 'say something');
    await world.turns.beyond(file.id, 'ended', 0);
    await listenAfter(socket, file.id, stored.lastEventId);
    await socket.event('task_complete');
    expect(socket.notifications.map(({ method }) => method)).toEqual([
      'codex/event/task_started',
      ...Array(4).fill('codex/event/agent_message_delta'),
      'codex/event/agent_message',
      'codex/event/token_count',
      'codex/event/task_complete',
    ]);
  });

  test('of a stored conversation whose file has grown before it is loaded: the gap is told', async () => {
    const world = await openDaemonWorld();
    const { file } = createConversation(world, 'sessions');
    const { daemon, socket } = world;
    const stored = await daemon.get<{ lastEventId: string }>(`/v1/conversations/${file.id}`);
    appendFileSync(file.sessions, `${event({ type: 'agent_message', message: randomUUID() })}\n`);
    await daemon.post('/v1/conversations/resume', { path: file.sessions });
    await listenAfter(socket, file.id, stored.lastEventId);
    await socket.message('codex/event/gap');
    expect(socket.notifications).toHaveLength(1);
  });
});
