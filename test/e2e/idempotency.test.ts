import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { textAnswer } from '../../src/demo/responses.ts';
import { createPlace, type DaemonProcess, rolloutLines } from '../support/daemon-process.ts';

interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function keyed(daemon: DaemonProcess, route: string, key: string, body: object): Promise<Reply> {
  const answer = await daemon.fetch(route, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

const said = (text: string) => ({ items: [{ type: 'text', data: { text } }] });

const timesSaid = (rolloutPath: string, text: string): number =>
  rolloutLines(rolloutPath).filter(
    ({ payload }) => payload.type === 'user_message' && payload.message === text,
  ).length;

describe('REL-CL-9: a call with an idempotency key, after kill -9', () => {
  test('gets the answer that was acknowledged, and is not run again', async () => {
    const place = await createPlace(() => textAnswer('hello'));
    const daemon = await place.start();
    const made = await keyed(daemon, '/v1/conversations', 'make', {});
    const { conversationId, rolloutPath } = made.body;
    const messages = `/v1/conversations/${conversationId}/messages`;
    const first = await keyed(daemon, messages, 'say', said('once'));
    expect([made.status, first]).toEqual([201, { status: 202, body: {} }]);
    await daemon.kill('SIGKILL');

    const again = await place.start();
    expect(await keyed(again, '/v1/conversations', 'make', {})).toEqual(made);
    await again.post('/v1/conversations/resume', { path: rolloutPath });
    expect(await keyed(again, messages, 'say', said('once'))).toEqual(first);
    expect(timesSaid(String(rolloutPath), 'once')).toBe(1);
    const other = await keyed(again, messages, 'say', said('something else'));
    expect(other).toMatchObject({ status: 409, body: { reason: 'idempotency_key_reused' } });
  });

  test('is refused, not run again, when the daemon ended while it was running', async () => {
    const place = await createPlace(() => textAnswer('hello'));
    const daemon = await place.start();
    const command = { command: ['sh', '-c', 'echo ran >> done.txt; sleep 30'], cwd: place.cwd };
    const lost = keyed(daemon, '/v1/exec', 'run', command).catch(() => 'lost');
    const done = path.join(place.cwd, 'done.txt');
    await expect.poll(() => statSync(done, { throwIfNoEntry: false })?.size).toBe(4);
    await daemon.kill('SIGKILL');
    expect(await lost).toBe('lost');

    const again = await place.start();
    for (const _ of [1, 2]) {
      const answer = await keyed(again, '/v1/exec', 'run', command);
      expect(answer).toMatchObject({
        status: 409,
        body: { code: -32600, reason: 'idempotency_outcome_unknown' },
      });
    }
    expect(readFileSync(done, 'utf8')).toBe('ran\n');
  });

  test('is never done twice, whenever the daemon was killed', { timeout: 60_000 }, async () => {
    const place = await createPlace(() => textAnswer('hello'));
    let daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const messages = `/v1/conversations/${conversationId}/messages`;
    await keyed(daemon, messages, 'before', said('before'));
    for (const wait of [0, 1, 2, 4, 7, 12]) {
      const text = `killed after ${wait} ms`;
      const answer = keyed(daemon, messages, `kill-${wait}`, said(text)).catch(() => undefined);
      await pause(wait);
      await daemon.kill('SIGKILL');
      const acknowledged = await answer;
      daemon = await place.start();
      await daemon.post('/v1/conversations/resume', { path: rolloutPath });
      const repeated = await keyed(daemon, messages, `kill-${wait}`, said(text));
      const times = timesSaid(rolloutPath, text);
      if (acknowledged) expect([repeated, times]).toEqual([acknowledged, 1]);
      else if (repeated.status === 202) expect(times).toBe(1);
      else expect([repeated.body.reason, times <= 1]).toEqual(['idempotency_outcome_unknown', true]);
    }
  });
});
