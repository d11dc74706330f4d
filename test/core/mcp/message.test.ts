import { expect, test } from 'vitest';
import { readMessage } from '../../../src/core/mcp/message.ts';

test('requests, notifications, results and errors are messages', () => {
  const messages = [
    { jsonrpc: '2.0', id: 'a', method: 'ping' },
    { jsonrpc: '2.0', method: 'notifications/message', params: { data: 1 } },
    { jsonrpc: '2.0', id: 1, result: { any: ['thing'] } },
    { jsonrpc: '2.0', id: 1, error: { code: -1, message: 'no' } },
  ];
  expect(messages.map((message) => readMessage(JSON.stringify(message)))).toEqual(messages);
});

test.each(['', 'hello', '{', '5', 'null', '[]', '{"a":1}', '{"jsonrpc":"2.0","id":null,"result":{}}'])(
  '%j is no message',
  (line) => {
    expect(readMessage(line)).toBeUndefined();
  },
);

test.each(['{"id":1,"result":{"a":1}}', '{"jsonrpc":"2.0","id":1,"result":{"a":1},"error":null}'])(
  'the sloppy answer %s is taken for what it says',
  (line) => {
    expect(readMessage(line)).toEqual({ jsonrpc: '2.0', id: 1, result: { a: 1 } });
  },
);

test.each(['{"jsonrpc":"2.0","id":1,"result":null}', '{"jsonrpc":"2.0","id":1,"error":"no"}', '{"id":1}'])(
  'the broken answer %s is an error, so that its request ends',
  (line) => {
    expect(readMessage(line)).toMatchObject({ id: 1, error: { message: 'the answer is not valid' } });
  },
);

test('keys that reach for prototypes are taken out', () => {
  const line = '{"jsonrpc":"2.0","id":1,"result":{"__proto__":{"x":1},"constructor":{"prototype":{}},"a":1}}';
  expect(Object.keys(Object(readMessage(line)).result)).toEqual(['a']);
});

test('a value nested beyond all use is no message', () => {
  const nested = (depth: number) =>
    `{"jsonrpc":"2.0","id":1,"result":{"a":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
  expect(readMessage(nested(100))).toBeDefined();
  expect(readMessage(nested(100_000))).toBeUndefined();
});
