import { describe, expect, it } from 'vitest';
import type { CredentialSource } from '../../../src/core/model/credential.ts';
import { type Credential, ModelError } from '../../../src/core/model/types.ts';
import { type Answer, drop, hang } from '../../../src/demo/answers.ts';
import * as api from '../../../src/demo/responses.ts';
import { collect, failing, serve, signedWith, step } from './model-step.ts';

const once = (first: Answer) => serve(({ index }) => (index === 0 ? first : api.textAnswer('ok')));
const retries = (requestMaxRetries: number) => ({ provider: { requestMaxRetries } });

describe('attempts of a request', () => {
  it.each<[string, Answer]>([
    ['no answer', drop()],
    ['429', { status: 429 }],
    ['401', { status: 401 }],
    ['500', { status: 500 }],
    ['503', { status: 503 }],
  ])('are repeated silently after %s', async (_, first) => {
    const server = await once(first);
    const events = await collect(step(server.url, retries(1)));
    expect(events.map((event) => event.type)).toEqual(['created', 'text_delta', 'item_done', 'completed']);
    expect(server.requests).toHaveLength(2);
    expect(server.requests[1]?.body).toEqual(server.requests[0]?.body);
  });

  it('REL-MS-1: are as many as the provider allows, and one', async () => {
    const server = await serve({ status: 500 });
    await failing(step(server.url, retries(2)));
    expect(server.requests).toHaveLength(3);
  });

  it('REL-MS-8: are not repeated after another status or once a stream has begun', async () => {
    for (const answer of [{ status: 400 }, { status: 403 }, { status: 408 }, [api.created(), drop()]]) {
      const server = await serve(answer);
      await failing(step(server.url, retries(2)));
      expect(server.requests).toHaveLength(1);
    }
  });

  it('REL-MS-7: wait as long as retry-after says, in seconds or as a date, otherwise the backoff', async () => {
    const waits = async (retryAfter: string) => {
      const server = await once({ status: 429, headers: { 'retry-after': retryAfter } });
      const start = performance.now();
      await collect(step(server.url, retries(1)));
      return performance.now() - start;
    };
    const [seconds, date, garbage, past] = await Promise.all([
      waits('1'),
      waits(new Date(Date.now() + 2000).toUTCString()),
      waits('soon'),
      waits(new Date(0).toUTCString()),
    ]);
    expect(seconds).toBeGreaterThan(990);
    expect(date).toBeGreaterThan(800);
    for (const backoff of [garbage, past]) expect(backoff).toBeGreaterThan(170);
  });

  it('REL-MS-7: are given up when the provider asks to wait for more than five minutes', async () => {
    const server = await serve({ status: 429, headers: { 'retry-after': '301' } });
    const { error } = await failing(step(server.url, retries(3)));
    expect(error).toMatchObject({
      message: expect.stringContaining('no requests before 20'),
      retryable: false,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('are signed anew, and the source learns which credential was refused', async () => {
    const renewed: Credential[] = [];
    const server = await once({ status: 401 });
    const credential: CredentialSource = {
      current: async () => ({ mode: 'chatgpt', token: renewed.length > 0 ? 'new' : 'old' }),
      renew: async (_, rejected) => void renewed.push(rejected),
    };
    await collect(step(server.url, { ...retries(1), credential }));
    expect(server.requests.map((request) => request.headers.authorization)).toEqual([
      'Bearer old',
      'Bearer new',
    ]);
    expect(renewed).toEqual([{ mode: 'chatgpt', token: 'old' }]);
  });

  it('have the credential renewed after the last 401 as well, for the step that comes next', async () => {
    const renewed: Credential[] = [];
    const server = await serve({ status: 401 });
    const credential: CredentialSource = {
      ...signedWith({ mode: 'chatgpt', token: 'old' }),
      renew: async (_, rejected) => void renewed.push(rejected),
    };
    await failing(step(server.url, { ...retries(0), credential }));
    expect(renewed).toEqual([{ mode: 'chatgpt', token: 'old' }]);
  });

  it('do not wait for a credential longer than they are wanted', async () => {
    const server = await serve(api.textAnswer('ok'));
    const abort = new AbortController();
    const asked = Promise.withResolvers<void>();
    const credential: CredentialSource = {
      ...signedWith(undefined),
      current: () => {
        asked.resolve();
        return new Promise(() => undefined);
      },
    };
    const ended = failing(step(server.url, { credential, signal: abort.signal }));
    await asked.promise;
    const reason = new Error('interrupted');
    abort.abort(reason);
    expect((await ended).error).toBe(reason);
    expect(server.requests).toEqual([]);
  });

  it('are not made when there is no credential to be had', async () => {
    const server = await serve(api.textAnswer('ok'));
    const missing = new ModelError('Missing environment variable: `X`.', { retryable: false });
    const credential = { ...signedWith(undefined), current: () => Promise.reject(missing) };
    expect((await failing(step(server.url, { ...retries(2), credential }))).error).toBe(missing);
    expect(server.requests).toEqual([]);
  });
});

describe('an abort', () => {
  const reason = new Error('interrupted');

  it('REL-MS-14: closes the stream at once and gives its reason', async () => {
    const server = await serve([api.created(), hang()]);
    const abort = new AbortController();
    const ended = failing(step(server.url, { signal: abort.signal }));
    const request = await server.nextRequest();
    const start = performance.now();
    abort.abort(reason);
    expect(await request.closed).toBe(true);
    expect(performance.now() - start).toBeLessThan(400);
    expect((await ended).error).toBe(reason);
  });

  it('closes the connection while the answer is still awaited', async () => {
    const server = await serve(hang());
    const abort = new AbortController();
    const ended = failing(step(server.url, { signal: abort.signal, ...retries(3) }));
    const request = await server.nextRequest();
    abort.abort(reason);
    expect(await request.closed).toBe(true);
    expect((await ended).error).toBe(reason);
    expect(server.requests).toHaveLength(1);
  });

  it('closes the stream although the consumer is busy with an event', async () => {
    // More than is read at once.
    const server = await serve([api.created(), api.textDelta('x'.repeat(1_000_000)), hang()]);
    const abort = new AbortController();
    const events = step(server.url, { signal: abort.signal })[Symbol.asyncIterator]();
    await events.next();
    abort.abort(reason);
    expect(await (await server.nextRequest()).closed).toBe(true);
    await expect(events.next()).rejects.toBe(reason);
  });

  it('ends the wait before another attempt', async () => {
    const server = await serve({ status: 429, headers: { 'retry-after': '200' } });
    const abort = new AbortController();
    const ended = failing(step(server.url, { signal: abort.signal, ...retries(1) }));
    await (await server.nextRequest()).closed;
    abort.abort(reason);
    expect((await ended).error).toBe(reason);
  });

  it('before the step means that nothing is sent', async () => {
    const server = await serve(api.textAnswer('ok'));
    const { error } = await failing(step(server.url, { signal: AbortSignal.abort(reason) }));
    expect(error).toBe(reason);
    expect(server.requests).toEqual([]);
  });

  it('is not needed by a consumer that stops reading: the stream is closed', async () => {
    const server = await serve([api.created(), hang()]);
    for await (const _ of step(server.url)) break;
    expect(await (await server.nextRequest()).closed).toBe(true);
  });
});
