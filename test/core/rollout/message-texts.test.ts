import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MessageTexts } from '../../../src/core/rollout/message-texts.ts';
import type { EventMsg } from '../../../src/protocol/vocabulary/events.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.constantFrom('x'.repeat(3_000), 'ü'.repeat(40_000)),
);
const message: fc.Arbitrary<EventMsg> = fc.oneof(
  { weight: 5, arbitrary: text.map((message) => ({ type: 'agent_message', message }) as const) },
  text.map((message) => ({ type: 'user_message', message, kind: 'plain' }) as const),
  text.map((message) => ({ type: 'user_message', message, kind: 'environment_context' }) as const),
  text.map((message) => ({ type: 'user_message', message }) as const),
);

test('what is added comes back, in order, to whom it is for', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
      const texts = new MessageTexts(messages);
      expect(texts.parse('all')).toEqual(messages);
      const plain = messages.filter((msg) => msg.type !== 'user_message' || msg.kind === 'plain');
      expect(texts.parse('shown')).toEqual(plain);
    }),
    { numRuns: 100 },
  );
});

test('texts that were given out stay as they were', () => {
  const texts = new MessageTexts([{ type: 'agent_message', message: 'one' }]);
  const before = texts.texts('all');
  texts.add({ type: 'agent_message', message: 'two' });
  expect(before.join(',')).toBe('{"type":"agent_message","message":"one"}');
  expect(texts.parse('all')).toHaveLength(2);
});

test('a long conversation of short messages is a few pieces', () => {
  const messages = Array.from(
    { length: 20_000 },
    (_, n) => ({ type: 'agent_message', message: `${n}` }) as const,
  );
  expect(new MessageTexts(messages).texts('shown').length).toBeLessThan(20);
});

test('a message may be longer than a block', () => {
  const message = { type: 'agent_message', message: 'ü'.repeat(1_200_000) } as const;
  expect(new MessageTexts([message, message]).parse('all')).toEqual([message, message]);
});
