import { describe, expect, it, onTestFinished } from 'vitest';
import { createModelClient } from '../../../src/core/model/client.ts';
import type { Credential } from '../../../src/core/model/types.ts';
import * as api from '../../../src/demo/responses.ts';
import { collect, flat, PROMPT, provider, serve, settings, signedWith } from './model-step.ts';

const ALICE: Credential = { mode: 'chatgpt', token: 'a', accountId: 'alice' };
const BOB: Credential = { mode: 'chatgpt', token: 'b', accountId: 'bob' };
const STILL = new AbortController().signal;

/** Steps of several conversations, with one client for all of them; each returns when it was served. */
function daemon(url: string) {
  let credential = ALICE;
  const client = createModelClient({
    env: {},
    originator: 'codexd_test',
    credential: { ...signedWith(undefined), current: async () => credential },
  });
  onTestFinished(() => client.close());
  const start = performance.now();
  return async (who: Credential, signal: AbortSignal = STILL): Promise<number> => {
    credential = who;
    await collect(flat(client.stream(PROMPT, settings(provider(url, { requestMaxRetries: 1 })), signal)));
    return performance.now() - start;
  };
}

describe('REL-MS-7: a provider that wants an account to wait', () => {
  it('is left alone by all conversations of the account, and by no other account', async () => {
    const server = await serve(({ index }) =>
      index === 0 ? { status: 429, headers: { 'retry-after': '3' } } : api.textAnswer('ok'),
    );
    const step = daemon(server.url);
    const refused = step(ALICE);
    await server.waitForRequests(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const same = [step(ALICE), step(ALICE)];
    await new Promise((resolve) => setTimeout(resolve, 100));
    const other = await step(BOB);
    expect(server.requests).toHaveLength(2);
    for (const served of await Promise.all([refused, ...same])) {
      expect(served).toBeGreaterThan(Math.max(2_990, other));
    }
    expect(server.requests).toHaveLength(5);
  });

  it('does not hold up an interrupt', async () => {
    const server = await serve({ status: 429, headers: { 'retry-after': '60' } });
    const step = daemon(server.url);
    const first = new AbortController();
    const refused = step(ALICE, first.signal);
    await server.waitForRequests(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const second = new AbortController();
    const waiting = step(ALICE, second.signal);
    setTimeout(() => second.abort(new Error('interrupted')), 50);
    await expect(waiting).rejects.toThrow('interrupted');
    first.abort(new Error('interrupted'));
    await expect(refused).rejects.toThrow('interrupted');
    expect(server.requests).toHaveLength(1);
  });
});
