import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Handlers } from '../../src/rpc/dispatcher.ts';
import { type Doors, openDoors, startDoors } from '../support/doors.ts';
import { bearer, call, post } from '../support/http.ts';
import { openWebSocket } from '../support/websocket.ts';

const handlers: Partial<Handlers> = {
  getUserAgent: () => ({ userAgent: 'fake/0' }),
  execOneOffCommand: () => {
    throw new Error('secret');
  },
};
const good = (id: unknown) => ({ jsonrpc: '2.0', id, result: { userAgent: 'fake/0' } });
const bad = (id: unknown, code: number, reason: string) => ({
  jsonrpc: '2.0',
  id,
  error: { code, data: { reason } },
});
const batchOf = (size: number) => Array.from({ length: size }, (_, id) => ({ id, method: 'getUserAgent' }));

/** What is sent, and what comes back: nothing, an answer, or the answers of a batch. */
const TABLE: [name: string, message: unknown, answer: object | undefined][] = [
  ['a request', { jsonrpc: '2.0', id: 1, method: 'getUserAgent' }, good(1)],
  ['a request without jsonrpc', { id: 1, method: 'getUserAgent' }, good(1)],
  ['a request with a string id', { id: 'a', method: 'getUserAgent' }, good('a')],
  ['a request with null params', { id: 1, method: 'getUserAgent', params: null }, good(1)],
  ['a request with id null', { id: null, method: 'getUserAgent' }, good(null)],
  ['a request with other members', { id: 1, method: 'getUserAgent', other: 1 }, good(1)],
  ['no JSON', '{"id":1,', bad(null, -32700, 'not_json')],
  ['a scalar', '7', bad(null, -32600, 'invalid_request')],
  ['null', 'null', bad(null, -32600, 'invalid_request')],
  ['a prototype key', '{"id":1,"method":"getUserAgent","__proto__":{}}', bad(null, -32700, 'not_json')],
  ['another version', { jsonrpc: '1.0', id: 1, method: 'getUserAgent' }, bad(1, -32600, 'invalid_request')],
  ['no method', { id: 1 }, bad(1, -32600, 'invalid_request')],
  ['a method that is no string', { id: 1, method: 5 }, bad(1, -32600, 'invalid_request')],
  ['a fractional id', { id: 1.5, method: 'getUserAgent' }, bad(null, -32600, 'invalid_request')],
  [
    'an id beyond the safe integers',
    '{"id":9007199254740993,"method":"getUserAgent"}',
    bad(null, -32600, 'invalid_request'),
  ],
  ['an object as id', { id: {}, method: 'getUserAgent' }, bad(null, -32600, 'invalid_request')],
  ['an unknown method', { id: 1, method: 'nope' }, bad(1, -32601, 'method_not_found')],
  ['a reserved method', { id: 1, method: 'rpc.discover' }, bad(1, -32601, 'method_not_found')],
  ['the name of an object member', { id: 1, method: 'constructor' }, bad(1, -32601, 'method_not_found')],
  ['params in a list', { id: 1, method: 'getUserAgent', params: [] }, bad(1, -32602, 'invalid_params')],
  ['wrong params', { id: 1, method: 'getConversation', params: {} }, bad(1, -32602, 'invalid_params')],
  [
    'a failing handler',
    { id: 1, method: 'execOneOffCommand', params: { command: [] } },
    bad(1, -32603, 'internal'),
  ],
  ['a notification', { method: 'getUserAgent' }, undefined],
  ['an unknown notification', { method: 'nope' }, undefined],
  ['a notification with wrong params', { method: 'getConversation' }, undefined],
  ['a failing notification', { method: 'execOneOffCommand', params: { command: [] } }, undefined],
  ['a response that nobody waits for', { id: 99, result: {} }, undefined],
  ['a response without id', { result: {} }, bad(null, -32600, 'invalid_request')],
  ['an empty batch', [], bad(null, -32600, 'invalid_request')],
  ['a batch', batchOf(2), [good(0), good(1)]],
  ['a batch of 100', batchOf(100), batchOf(100).map(({ id }) => good(id))],
  ['a batch of 101, SEC-IN-11', batchOf(101), bad(null, -32600, 'invalid_request')],
  ['a batch of notifications', [{ method: 'getUserAgent' }, { method: 'nope' }], undefined],
  [
    'a mixed batch',
    [1, { method: 'getUserAgent' }, { id: 3, method: 'nope' }, { id: 4, method: 'getUserAgent' }, []],
    [
      bad(null, -32600, 'invalid_request'),
      bad(3, -32601, 'method_not_found'),
      good(4),
      bad(null, -32600, 'invalid_request'),
    ],
  ],
  [
    'an id twice in one batch',
    [
      { id: 1, method: 'getUserAgent' },
      { id: 1, method: 'getUserAgent' },
    ],
    [good(1), bad(1, -32600, 'invalid_request')],
  ],
];

const text = (message: unknown) => (typeof message === 'string' ? message : JSON.stringify(message));

describe('SEC-RPC-1: over POST /rpc', () => {
  let url: string;
  beforeAll(async () => {
    const doors = await startDoors({ handlers });
    url = doors.url;
    return () => doors.listening.close();
  });

  it.each(TABLE)('%s', async (_name, message, expected) => {
    const answer = await post(`${url}/rpc`, text(message));
    if (expected === undefined) return expect([answer.status, answer.text]).toEqual([202, '']);
    expect(answer.json()).toMatchObject(expected);
    const unreadable = (expected as { error?: { code: number } }).error?.code === -32700;
    expect(answer.status).toBe(unreadable ? 400 : 200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
  });

  it('no body at all is not JSON', async () => {
    const answer = await call(`${url}/rpc`, { method: 'POST', headers: bearer });
    expect([answer.status, answer.json()]).toMatchObject([400, bad(null, -32700, 'not_json')]);
  });

  it('bytes that are no UTF-8 are not JSON', async () => {
    const headers = { ...bearer, 'content-type': 'application/json' };
    const answer = await call(`${url}/rpc`, {
      method: 'POST',
      headers,
      body: Buffer.from([0x22, 0xff, 0x22]),
    });
    expect([answer.status, answer.json()]).toMatchObject([400, bad(null, -32700, 'not_json')]);
  });

  it('SEC-IN-8: a million levels are refused quickly', async () => {
    const started = performance.now();
    const answer = await post(`${url}/rpc`, '['.repeat(1e6) + ']'.repeat(1e6));
    expect(answer.json()).toMatchObject(bad(null, -32600, 'too_deep'));
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it('a body beyond 32 MiB is refused with 413', async () => {
    const answer = await call(`${url}/rpc`, {
      method: 'POST',
      headers: {
        ...bearer,
        'content-type': 'application/json',
        'content-length': String(32 * 1024 * 1024 + 1),
      },
      body: '{}',
    });
    expect(answer.status).toBe(413);
  });
});

describe('SEC-RPC-1: over the WebSocket', () => {
  let shared: Doors;
  beforeAll(async () => {
    shared = await startDoors({ handlers });
    return () => shared.listening.close();
  });

  it.each(TABLE)('%s', async (_name, message, expected) => {
    const peer = await openWebSocket(shared.url);
    onTestFinished(() => peer.socket.terminate());
    peer.send(text(message));
    if (expected !== undefined) return expect(await peer.next()).toMatchObject(expected);
    // What gets no answer is told from a late answer by the one that follows.
    peer.send({ id: 'next', method: 'getUserAgent' });
    expect(await peer.next()).toMatchObject(good('next'));
  });

  it('an id in flight cannot be used again, and can after its answer', async () => {
    const waiting: (() => void)[] = [];
    const getUserAgent = () =>
      new Promise<{ userAgent: string }>((resolve) => waiting.push(() => resolve({ userAgent: 'fake/0' })));
    const { url } = await openDoors({ handlers: { getUserAgent } });
    const peer = await openWebSocket(url);
    peer.send({ id: 1, method: 'getUserAgent' });
    peer.send({ id: 1, method: 'getUserAgent' });
    expect(await peer.next()).toMatchObject(bad(1, -32600, 'invalid_request'));
    waiting.shift()?.();
    expect(await peer.next()).toMatchObject(good(1));
    peer.send({ id: 1, method: 'nope' });
    expect(await peer.next()).toMatchObject(bad(1, -32601, 'method_not_found'));
  });

  it('an internal error has the id to find it by', async () => {
    const { url, log } = await openDoors({ handlers });
    const peer = await openWebSocket(url);
    const { error } = await peer.call('execOneOffCommand', { command: [] });
    expect(error?.message).toContain(error?.data?.instance);
    expect(JSON.stringify(error)).not.toContain('secret');
    expect(log.find(({ instance }) => instance === error?.data?.instance)).toMatchObject({
      method: 'execOneOffCommand',
      err: { message: 'secret' },
    });
  });

  it('answers to requests of the server are passed on', async () => {
    const answers: unknown[] = [];
    const { url } = await openDoors({
      onResponse: (client, answer) => answers.push([client.transport, answer]),
    });
    const peer = await openWebSocket(url);
    peer.send({ id: 0, result: { decision: 'approved' } });
    peer.send({ id: 1, error: { code: 1, message: 'no' } });
    await peer.call('getUserAgent');
    expect(answers).toMatchObject([
      ['websocket', { id: 0, result: { decision: 'approved' } }],
      ['websocket', { id: 1, error: { code: 1, message: 'no' } }],
    ]);
  });
});
