import { expect, test } from 'vitest';
import { partsOf } from '../../../src/core/conversations/text-pieces.ts';

test('pieces of one text that follow one another go together, and keep their place among the rest', () => {
  const parts = partsOf([
    { type: 'created' },
    { type: 'reasoning_summary_delta', delta: 'a' },
    { type: 'reasoning_summary_delta', delta: 'b' },
    { type: 'reasoning_section_break' },
    { type: 'reasoning_summary_delta', delta: 'c' },
    { type: 'reasoning_content_delta', delta: 'd' },
    { type: 'text_delta', delta: '' },
    { type: 'text_delta', delta: 'e' },
  ]);
  expect(parts).toEqual([
    { step: { type: 'created' } },
    { deltas: { type: 'agent_reasoning_delta', texts: ['a', 'b'] } },
    { step: { type: 'reasoning_section_break' } },
    { deltas: { type: 'agent_reasoning_delta', texts: ['c'] } },
    { deltas: { type: 'agent_reasoning_raw_content_delta', texts: ['d'] } },
    { deltas: { type: 'agent_message_delta', texts: ['', 'e'] } },
  ]);
  expect(partsOf([])).toEqual([]);
});
