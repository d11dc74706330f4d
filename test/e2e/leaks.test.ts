import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startModelServer } from '../../src/demo/model-server.ts';
import { textAnswer } from '../../src/demo/responses.ts';
import { type SoakDaemon, startSoakDaemon } from '../support/soak/daemon.ts';
import { openDescriptors } from '../support/system-processes.ts';

/** How many are made and given up, in each of two rounds. `LEAK_CONVERSATIONS=5000` for all that is required. */
const ROUND = Number(process.env.LEAK_CONVERSATIONS ?? 150);
const AT_ONCE = 10;
/** Bytes that one may leave on the heap, and what all of them together may, of which a short run has more. */
const EACH = 1_024;
const NOISE = 1024 * 1024;

async function request(daemon: SoakDaemon, method: string, route: string, body?: object): Promise<unknown> {
  const answer = await fetch(daemon.url + route, {
    method,
    headers: { authorization: `Bearer ${daemon.token}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(answer.ok).toBe(true);
  return answer.json();
}

async function live(daemon: SoakDaemon): Promise<void> {
  const made = (await request(daemon, 'POST', '/v1/conversations', {})) as { conversationId: string };
  const items = [{ type: 'text', data: { text: 'hello' } }];
  await request(daemon, 'POST', `/v1/conversations/${made.conversationId}/messages`, { items });
}

async function round(daemon: SoakDaemon): Promise<{ heap: number; descriptors: number }> {
  let left = ROUND;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await live(daemon);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const loaded = async () =>
    ((await request(daemon, 'GET', '/v1/conversations/loaded')) as { items: unknown[] }).items.length;
  await expect.poll(loaded, { timeout: 20_000, interval: 200 }).toBe(0);
  return { heap: await daemon.heap.used(), descriptors: openDescriptors(daemon.pid) };
}

describe.runIf(process.platform === 'linux')('REL-LK-1: conversations that come and go', () => {
  test('leave less than a kilobyte each, and no descriptor', { timeout: 60_000 + ROUND * 200 }, async () => {
    const root = mkdtempSync(path.join(os.tmpdir(), 'codexd-leaks-'));
    const model = await startModelServer({ respond: () => textAnswer('hello') });
    const daemon = await startSoakDaemon(root, model.url, ['-c', 'server.unload_seconds=0.5']);
    onTestFinished(async () => {
      daemon.kill();
      await model.close();
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    });
    const before = await round(daemon);
    const after = await round(daemon);
    const growth = after.heap - before.heap;
    console.log(`${ROUND} conversations: ${Math.round(growth / ROUND)} bytes each`);
    expect(growth).toBeLessThan(NOISE + ROUND * EACH);
    // Connections are kept for a while, as many as there were requests at once.
    const more = () => openDescriptors(daemon.pid) - before.descriptors;
    await expect.poll(more, { timeout: 10_000 }).toBeLessThanOrEqual(2 + AT_ONCE);
  });
});
