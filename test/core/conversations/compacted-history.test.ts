import { expect, test } from 'vitest';
import { environmentContextMessage, userText } from '../../../src/core/context/messages.ts';
import { compactedHistory } from '../../../src/core/conversations/compacted-history.ts';
import type { ResponseItem } from '../../../src/protocol/vocabulary/items.ts';

const opening = [
  environmentContextMessage({
    cwd: '/w',
    approvalPolicy: 'never',
    sandboxPolicy: { mode: 'read-only' },
    shell: '/bin/bash',
  }),
];

const answer: ResponseItem = {
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'an answer' }],
};

function text(item: ResponseItem | undefined): string {
  const [part] = item?.type === 'message' ? item.content : [];
  return part && 'text' in part ? part.text : '';
}

test('a compacted history opens as before and goes on with what the user said and the summary', () => {
  const earlier = [...opening, userText('first $& wish'), answer, userText('second wish')];
  const history = compactedHistory(opening, earlier, 'what $1 was done');
  expect(history).toHaveLength(2);
  expect(history[0]).toEqual(opening[0]);
  expect(text(history[1])).toContain('first $& wish\n\nsecond wish');
  expect(text(history[1])).toContain('what $1 was done');
  expect(text(history[1])).not.toContain('an answer');
  expect(text(history[1])).not.toContain('<environment_context>');
});

test('compacting twice keeps the words of the first time', () => {
  const once = compactedHistory(opening, [userText('the wish')], 'summary one');
  const twice = compactedHistory(opening, [...once, userText('another')], 'summary two');
  for (const part of ['the wish', 'summary one', 'another', 'summary two'])
    expect(text(twice[1])).toContain(part);
});
