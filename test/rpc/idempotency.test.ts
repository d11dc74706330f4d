import { describe, expect, it } from 'vitest';
import { RpcError } from '../../src/protocol/errors.ts';
import { Dispatcher } from '../../src/rpc/dispatcher.ts';
import { KeyedCalls } from '../../src/rpc/idempotency.ts';
import { requestClient } from '../../src/server/clients.ts';
import { CONVERSATION, openDoors } from '../support/doors.ts';
import { fakeHandlers } from '../support/handlers.ts';
import { bearer, post } from '../support/http.ts';

const MINUTE = 60_000;
const call = (params: object = {}) => ({ method: 'm', params });

describe('REL-CL-9: a call with an idempotency key', () => {
  it('gives the first answer again, also to whoever asks while it is running', async () => {
    const calls = new KeyedCalls();
    const { promise, resolve } = Promise.withResolvers<string>();
    let runs = 0;
    const start = () => {
      runs += 1;
      return promise;
    };
    const answers = [calls.run('k', call(), start), calls.run('k', call(), start)];
    resolve('first');
    expect(await Promise.all([...answers, calls.run('k', call(), start)])).toEqual([
      'first',
      'first',
      'first',
    ]);
    expect(runs).toBe(1);
  });

  it('is refused when the key was used for another call', () => {
    const calls = new KeyedCalls();
    void calls.run('k', call({ a: 1 }), () => 1);
    const again = () => calls.run('k', call({ a: 2 }), () => 2);
    expect(again).toThrow(expect.objectContaining({ kind: 'conflict', reason: 'idempotency_key_reused' }));
  });

  it('may be tried again when it failed', async () => {
    const calls = new KeyedCalls();
    const failing = () => {
      throw new RpcError('unavailable', 'not now');
    };
    await expect(calls.run('k', call(), failing)).rejects.toThrow('not now');
    expect(await calls.run('k', call(), () => 'now')).toBe('now');
  });

  it('is forgotten after ten minutes', async () => {
    let now = 0;
    const calls = new KeyedCalls({ bounds: { calls: 10, size: 1e6 }, now: () => now });
    await calls.run('k', call(), () => 'first');
    now = 10 * MINUTE - 1;
    expect(await calls.run('k', call(), () => 'second')).toBe('first');
    now = 10 * MINUTE + 1;
    expect(await calls.run('k', call(), () => 'second')).toBe('second');
  });

  it.each([
    ['calls', { calls: 3, size: 1e6 }],
    ['characters', { calls: 1e6, size: 3 * '"first"'.length }],
  ])('is forgotten first when there are too many %s', async (_what, bounds) => {
    const calls = new KeyedCalls({ bounds });
    for (const key of ['a', 'b', 'c', 'd']) await calls.run(key, call(), () => 'first');
    expect(await calls.run('d', call(), () => 'again')).toBe('first');
    expect(await calls.run('a', call(), () => 'again')).toBe('again');
  });
});

describe('the doors', () => {
  const items = [{ type: 'text' as const, data: { text: 'hi' } }];

  it('take the key as a header over REST, and as a member of _meta over JSON-RPC', async () => {
    const seen: unknown[] = [];
    const sendUserMessage = (params: unknown) => {
      seen.push(params);
      return {};
    };
    const { url } = await openDoors({ handlers: { sendUserMessage } });
    const address = `${url}/v1/conversations/${CONVERSATION}/messages`;
    const keyed = { ...bearer, 'idempotency-key': 'one' };
    const first = await post(address, { items }, keyed);
    const again = await post(address, { items }, keyed);
    expect([again.status, again.json()]).toEqual([first.status, first.json()]);
    const params = { conversationId: CONVERSATION, items, _meta: { idempotencyKey: 'one' } };
    const byRpc = await post(`${url}/rpc`, { id: 1, method: 'sendUserMessage', params });
    expect(byRpc.json()).toMatchObject({ result: {} });
    expect(seen).toHaveLength(1);
    const other = await post(address, { items: [...items, ...items] }, keyed);
    expect([other.status, other.json()]).toMatchObject([
      409,
      { reason: 'idempotency_key_reused', code: -32600 },
    ]);
    expect(seen).toHaveLength(1);
  });

  it('refuse a key that is none', async () => {
    const { url } = await openDoors({ handlers: { sendUserMessage: () => ({}) } });
    const address = `${url}/v1/conversations/${CONVERSATION}/messages`;
    const answer = await post(address, { items }, { ...bearer, 'idempotency-key': 'x'.repeat(300) });
    expect([answer.status, answer.json()]).toMatchObject([400, { reason: 'idempotency_key_malformed' }]);
  });

  it('run methods that only read each time, whatever the key', async () => {
    let runs = 0;
    const handlers = fakeHandlers({
      getUserAgent: () => {
        runs += 1;
        return { userAgent: '' };
      },
    });
    const dispatcher = new Dispatcher(handlers);
    const context = { client: requestClient('r'), idempotencyKey: 'k' };
    await dispatcher.call('getUserAgent', {}, context);
    await dispatcher.call('getUserAgent', {}, context);
    expect(runs).toBe(2);
  });
});
