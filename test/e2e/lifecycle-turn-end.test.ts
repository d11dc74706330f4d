import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createConversation, type RealConversation } from '../support/lifecycle/conversation.ts';
import { type DaemonWorld, openDaemonWorld } from '../support/lifecycle/daemon-world.ts';
import { settle } from '../support/lifecycle/races.ts';
import { runSettings, timeLimit } from '../support/lifecycle/runs.ts';
import { linesOf, remembered, shownInputs } from '../support/lifecycle/stored-files.ts';

const RUNS = runSettings(200);

/** The events with which a turn ends; the last of them come within the same few milliseconds. */
const instant = fc.record({
  after: fc.constantFrom('nothing', 'agent_message', 'token_count', 'task_complete'),
  delay: fc.nat({ max: 6 }),
  caller: fc.constantFrom(0 as const, 2 as const),
});

/** A turn that the model holds, in a conversation that the first client listens to. */
async function startHeldTurn(world: DaemonWorld): Promise<{ conversation: RealConversation; held: string }> {
  const conversation = createConversation(world, 'sessions');
  const { id, sessions } = conversation.file;
  const held = `hold ${randomUUID()}`;
  await world.daemon.post('/v1/conversations/resume', { path: sessions });
  await world.socket.listen(id);
  await world.daemon.say(id, held);
  await world.turns.beyond(id, 'held', 0);
  world.socket.notifications.length = 0;
  return { conversation, held };
}

test(
  'a message in the instant that a turn ends is part of it or has one of its own (REL-LC-11)',
  async () => {
    const world = await openDaemonWorld();
    const property = fc.asyncProperty(instant, async ({ after, delay, caller }) => {
      const { conversation, held } = await startHeldTurn(world);
      const { id: conversationId, sessions } = conversation.file;
      const text = `say ${randomUUID()}`;
      world.script.open(held);
      if (after !== 'nothing') await world.socket.event(after);
      for (let turns = 0; turns < delay; turns++) await setImmediate();
      const items = [{ type: 'text', data: { text } }];
      const { reason } = await world.callers[caller].call('sendUserMessage', { conversationId, items });
      expect(reason).toBe('ok');
      await settle(conversation);
      expect(shownInputs(sessions)).toEqual(['question', held, text]);
      expect(remembered(sessions)).toEqual(['question', held, text]);
      expect(answers(sessions)).toEqual(['answer', `answer to ${held}`, `answer to ${text}`]);
    });
    await fc.assert(property, RUNS);
  },
  timeLimit(RUNS.numRuns, 1_500),
);

/** What the model said, as it will be sent again. */
const answers = (file: string): string[] =>
  linesOf(file).flatMap(({ type, payload }) => {
    if (type !== 'response_item' || payload.role !== 'assistant') return [];
    return (payload.content as { text: string }[]).map((part) => part.text);
  });
