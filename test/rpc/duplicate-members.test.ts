import { describe, expect, it } from 'vitest';
import { findDuplicateMember } from '../../src/rpc/duplicate-members.ts';
import { parseMessage } from '../../src/rpc/message.ts';

describe('SEC-DUP-1: a member of a JSON-RPC message', () => {
  it.each([
    ['{"method":"a","id":1,"method":"b"}', 'method'],
    ['{"id":1,"id":2,"method":"a"}', 'id'],
    ['{"method":"a","params":{},"params":{"x":1}}', 'params'],
    ['{"jsonrpc":"2.0","jsonrpc":"2.0","method":"a"}', 'jsonrpc'],
    ['{"method":"a", "\\u006dethod" :"b"}', 'method'],
    ['[{"method":"a"},{"id":1,"method":"a","id":1}]', 'id'],
    [' [ {"id":1 , "id" : 1} ]', 'id'],
  ])('is found when it is there twice in %s', (text, name) => {
    expect(findDuplicateMember(text)).toBe(name);
  });

  it.each([
    '{"method":"a","id":1,"params":{"method":"b","id":2,"id":3}}',
    '[{"method":"a","id":1},{"method":"a","id":2}]',
    '{"method":"method","params":["id","id"],"id":"id"}',
    '{"method":"\\"method\\":","id":1}',
    '{"other":1,"other":2,"method":"a"}',
    '"method"',
    '[]',
  ])('is there once in %s', (text) => {
    expect(findDuplicateMember(text)).toBeUndefined();
  });

  it('is refused as an invalid request that names it', () => {
    expect(() => parseMessage('{"method":"a","method":"b","id":1}')).toThrow(
      expect.objectContaining({
        code: -32600,
        reason: 'duplicate_member',
        message: 'the message has method twice',
      }),
    );
  });
});
