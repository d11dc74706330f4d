import { describe, expect, test } from 'vitest';
import { fillList, longResult } from '../../src/rpc/long-result.ts';

const texts = (...members: unknown[]): Buffer[] =>
  members.map((member) => Buffer.from(JSON.stringify(member)));
const read = (pieces: readonly Buffer[]): unknown => JSON.parse(pieces.join(''));

describe('a list that is text already', () => {
  test('takes its place in the value', () => {
    const filled = fillList({ a: 1, list: [], b: { c: [] } }, { name: 'list', texts: texts({ x: 'ü' }, 2) });
    expect(read(filled)).toEqual({ a: 1, list: [{ x: 'ü' }, 2], b: { c: [] } });
  });

  test('may be empty', () => {
    expect(read(fillList({ list: [] }, { name: 'list', texts: [] }))).toEqual({ list: [] });
  });

  test('is not put into a text that looks like its place', () => {
    const value = { says: '"list":[]', also: '{\\"list\\":[]}', list: [] };
    expect(read(fillList(value, { name: 'list', texts: texts(1) }))).toEqual({ ...value, list: [1] });
  });

  test('needs its place', () => {
    expect(() => fillList({ list: [1] }, { name: 'list', texts: [] })).toThrow('no empty list `list`');
  });
});

test('a long result is checked but for its list', () => {
  const conversationId = '0199a0a6-0000-7000-8000-000000000000';
  const list = { name: 'initialMessages', texts: texts({ type: 'agent_message', message: 'hi' }) } as const;
  const { value, pieces } = longResult('resumeConversation', { conversationId, model: 'm' }, list);
  expect(value).toEqual({ conversationId, model: 'm', initialMessages: [] });
  expect(read(pieces)).toMatchObject({ initialMessages: [{ message: 'hi' }] });
  expect(() => longResult('resumeConversation', { conversationId, model: 1 as never }, list)).toThrow(
    'model',
  );
});
