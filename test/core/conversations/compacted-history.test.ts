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

const said = (...texts: readonly string[]): ResponseItem => ({
  type: 'message',
  role: 'user',
  content: texts.map((text) => ({ type: 'input_text', text })),
});

/** What a compaction keeps of the given items, with what separates it from the messages around. */
function keptOf(...items: readonly ResponseItem[]): string | undefined {
  const [bridge] = compactedHistory([], [userText('BEGIN'), ...items, userText('END')], 'done');
  return /BEGIN(.*)END/s.exec(text(bridge))?.[1];
}

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

test('a compaction keeps the texts of one message together, output texts and blanks as well', () => {
  const mixed: ResponseItem = {
    type: 'message',
    role: 'user',
    content: [
      { type: 'input_text', text: 'a' },
      { type: 'input_text', text: '' },
      { type: 'input_image', image_url: 'data:,' },
      { type: 'output_text', text: 'b' },
      { type: 'input_text', text: ' ' },
    ],
  };
  expect(keptOf(mixed)).toBe('\n\na\nb\n \n\n');
});

test('a compaction leaves out messages that say nothing, and those that are wrapped as a whole', () => {
  expect(keptOf(said(), said(''), said('', ''))).toBe('\n\n');
  expect(keptOf(said(' <User_Instructions>a', 'b</USER_instructions>\n'))).toBe('\n\n');
  const instructions = '# AGENTS.md instructions for /p\n\n<INSTRUCTIONS>\nbe kind\n</INSTRUCTIONS>';
  const environment = '<environment_context>\n</environment_context>';
  expect(keptOf(said(instructions), said(instructions, environment))).toBe('\n\n');
});

test('a compaction keeps a message that only begins or ends as if it were wrapped', () => {
  const begun = '<environment_context> is a tag that I saw';
  expect(keptOf(said(begun))).toBe(`\n\n${begun}\n\n`);
  expect(keptOf(said('<environment_context>a</environment_context>', 'my words'))).toContain('my words');
  const two = ['<environment_context>a</environment_context>', '<user_instructions>b</user_instructions>'];
  expect(keptOf(said(...two))).toBe(`\n\n${two.join('\n')}\n\n`);
});
