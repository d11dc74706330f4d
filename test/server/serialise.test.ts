import { expect, test } from 'vitest';
import { LongResult } from '../../src/rpc/long-result.ts';
import { serialise } from '../../src/server/serialise.ts';

const long = (id: number) => {
  const result = new LongResult(
    { list: [] },
    { name: 'list', texts: [Buffer.from('"ü"'), Buffer.from('2')] },
  );
  return { jsonrpc: '2.0', id, result } as const;
};
const said = (id: number) => ({ jsonrpc: '2.0', id, result: { list: ['ü', 2] } });
const failure = { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'no' } } as const;

test.each([
  ['an answer', failure, failure],
  ['a batch', [failure, failure], [failure, failure]],
  ['a long answer', long(1), said(1)],
  ['a batch with long answers', [long(1), failure, long(2)], [said(1), failure, said(2)]],
])('%s becomes JSON', (_name, answer, expected) => {
  const text = serialise(answer);
  expect(JSON.parse(typeof text === 'string' ? text : text.join(''))).toEqual(expected);
});
