import { describe, expect, test } from 'vitest';
import { classify, MAX_DEPTH, parseJson } from '../../src/rpc/message.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('parseJson', () => {
  test('gives the value of valid JSON', () => {
    expect(parseJson('{"a":[1,"x",null]}')).toEqual({ a: [1, 'x', null] });
  });

  test('passes over a byte order mark', () => {
    expect(parseJson('\uFEFF{"a":1}')).toEqual({ a: 1 });
  });

  test('lets texts be about prototypes', () => {
    const value = { text: '"__proto__": constructor \\u0041', constructor: 'x' };
    expect(parseJson(JSON.stringify(value))).toEqual(value);
  });

  test('refuses what is not JSON with the parse error code', () => {
    expect(() => parseJson('{this is not json')).toThrow(expect.objectContaining({ code: -32700 }));
    expect(() => parseJson('')).toThrow(expect.objectContaining({ code: -32700 }));
  });

  test('SEC-IN-8 accepts the deepest allowed nesting and refuses one level more', () => {
    expect(() => parseJson(nested(MAX_DEPTH))).not.toThrow();
    expect(() => parseJson(nested(MAX_DEPTH + 1))).toThrow(
      expect.objectContaining({ code: -32600, reason: 'too_deep' }),
    );
  });

  test('SEC-IN-8 refuses a million levels quickly and without overflowing the stack', () => {
    const before = performance.now();
    expect(() => parseJson(nested(1_000_000))).toThrow(expect.objectContaining({ name: 'RpcError' }));
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  test('SEC-PROTO-1 refuses keys that reach for prototypes', () => {
    expect(() => parseJson('{"__proto__":{"polluted":1}}')).toThrow(
      expect.objectContaining({ code: -32700 }),
    );
    expect(() => parseJson('{"a":{"constructor":{"prototype":{"polluted":1}}}}')).toThrow();
    expect(() => parseJson(String.raw`{"a":[{"\u005f_pr\u006fto__":{"polluted":1}}]}`)).toThrow();
    expect(() => parseJson(String.raw`{"c\u006fnstructor":{"prototype":{"polluted":1}}}`)).toThrow();
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('classify', () => {
  test('tells requests, notifications and responses apart', () => {
    expect(classify({ jsonrpc: '2.0', id: 1, method: 'm', params: {} })).toEqual({
      kind: 'request',
      id: 1,
      method: 'm',
      params: {},
    });
    expect(classify({ method: 'm' })).toEqual({ kind: 'notification', method: 'm', params: undefined });
    expect(classify({ id: 'a', result: {} })).toMatchObject({ kind: 'response', id: 'a' });
    expect(classify({ id: 'a', error: { code: 1 } })).toMatchObject({ kind: 'response', id: 'a' });
  });

  test('answers a request with a null id', () => {
    expect(classify({ id: null, method: 'm' })).toMatchObject({ kind: 'request', id: null });
  });

  test.each([
    ['a number', 5],
    ['a list', []],
    ['nothing', null],
    ['an object without a method', { id: 3 }],
    ['a method that is no text', { id: 3, method: 7 }],
    ['a fraction as id', { id: 1.5, method: 'm' }],
    ['an object as id', { id: {}, method: 'm' }],
    ['another version of JSON-RPC', { jsonrpc: '1.0', id: 3, method: 'm' }],
    ['a response without an id', { result: {} }],
  ])('calls %s invalid', (_name, value) => {
    expect(classify(value)).toMatchObject({ kind: 'invalid', error: { code: -32600 } });
  });

  test('keeps the id of an invalid request where it has one, so that it can be answered', () => {
    expect(classify({ id: 3, method: 7 })).toMatchObject({ kind: 'invalid', id: 3 });
  });
});
