import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { wait } from '../../src/demo/answers.ts';
import { completed, created, itemDone, message, textDelta } from '../../src/demo/responses.ts';
import { createPlace } from '../support/daemon-process.ts';

const CLOCK = path.resolve(import.meta.dirname, '../support/wall-clock.mjs');
const HOUR = 3_600_000;
const JUMPS = [24 * 365 * 10 * HOUR, -24 * HOUR, HOUR, -HOUR, 0, -1_000, -2_000, -3_000, -4_000];

interface Listed {
  readonly items: readonly { readonly conversationId: string }[];
}

test('REL-TIME-1: jumps of the wall clock end no turn, no connection and no promise, and mix up no list', {
  timeout: 30_000,
}, async () => {
  const over = Promise.withResolvers<void>();
  const place = await createPlace(({ index }) =>
    index === 0
      ? [created(), textDelta('a'), wait(over.promise), textDelta('b'), itemDone(message('ab')), completed()]
      : [created(), itemDone(message('short')), completed()],
  );
  const clock = path.join(place.home, '..', 'clock');
  const setClock = async (offset: number): Promise<void> => {
    writeFileSync(clock, String(offset));
    await pause(100);
  };
  writeFileSync(clock, '0');
  const daemon = await place.start(['--allow-debug', '-c', 'server.unload_seconds=20'], {
    NODE_OPTIONS: `--import ${CLOCK}`,
    WALL_CLOCK: clock,
  });
  const { conversationId } = await daemon.newConversation();
  const events = await daemon.stream(`/v1/conversations/${conversationId}/events`);
  const socket = await daemon.connect();
  await socket.listen(conversationId);
  await daemon.say(conversationId, 'hello');
  await events.event('agent_message_delta');
  const keyed = { 'content-type': 'application/json', 'idempotency-key': 'k-0123456789abcdef' };
  const create = async () => {
    const answer = await daemon.fetch('/v1/conversations', { method: 'POST', headers: keyed, body: '{}' });
    return (await answer.json()) as { conversationId: string };
  };
  const promised = await create();
  const others: string[] = [];
  for (const offset of JUMPS) {
    await setClock(offset);
    const { conversationId: id } = await daemon.newConversation();
    const other = await daemon.stream(`/v1/conversations/${id}/events`);
    await daemon.say(id, 'hello');
    await other.event('task_complete');
    others.push(id);
    expect(await create()).toEqual(promised);
  }
  over.resolve();
  await events.event('task_complete');
  await socket.event('task_complete');
  const ids = events.ids.map((id) => Number(id.split('-')[1]));
  expect(ids).toEqual(ids.map((_, index) => index + 1));
  expect(place.model.requests).toHaveLength(1 + JUMPS.length);
  expect(socket.socket.readyState).toBe(socket.socket.OPEN);
  const [first, second] = [
    await daemon.get<Listed>('/v1/conversations'),
    await daemon.get<Listed>('/v1/conversations'),
  ];
  expect(first).toEqual(second);
  const listed = first.items.map((item) => item.conversationId);
  expect(listed.toSorted()).toEqual([conversationId, ...others].toSorted());
  expect(new Set(listed).size).toBe(listed.length);
});
