import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon } from './harness/daemon.ts';
import type { Target } from './harness/target.ts';
import { createWorkplace, type Workplace } from './harness/workplace.ts';

const CONVERSATION = '00000000-0000-4000-8000-000000000169';
const sample = await readFile(new URL('./samples/numbered.jsonl', import.meta.url));

describe("a conversation of today's release, whose records are numbered", () => {
  let workplace: Workplace;
  let daemon: Target;
  let path: string;

  beforeAll(async () => {
    workplace = await createWorkplace();
    path = join(workplace.home, `sessions/2026/11/22/rollout-2026-11-22T13-53-16-${CONVERSATION}.jsonl`);
    await workplace.writeFile(path, sample);
    daemon = await startDaemon(workplace);
  });
  afterAll(async () => {
    await daemon.stop();
    await workplace.remove();
  });

  async function ask(method: string, route: string, body?: object): Promise<unknown> {
    const info = JSON.parse(await readFile(join(workplace.home, 'codexd/daemon.json'), 'utf8'));
    const token = (await readFile(info.tokenPath, 'utf8')).trim();
    const response = await fetch(new URL(`/v1/conversations/${route}`, info.url), {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return response.json();
  }

  it('can be read', async () => {
    const facts = { path, cwd: '/home/user/project', loaded: false, readOnly: true, damagedLines: [] };
    const finished = { type: 'task_complete', last_agent_message: 'second answer' };
    const conversation = await ask('GET', CONVERSATION);
    expect(conversation).toMatchObject(facts);
    expect(conversation).toHaveProperty('messages', expect.arrayContaining([finished]));
  });

  it('cannot be gone on with, and the refusal says why', async () => {
    expect(await ask('POST', 'resume', { path })).toMatchObject({
      status: 409,
      code: -32600,
      reason: 'conversation_read_only',
      detail: expect.stringContaining('newer Codex'),
    });
    expect(await ask('POST', `${CONVERSATION}/messages`, { items: [] })).toMatchObject({ status: 404 });
    expect(sample.equals(await readFile(path))).toBe(true);
  });

  it('is archived and brought back without a byte of it changed', async () => {
    const archived = join(workplace.home, 'archived_sessions', basename(path));
    expect(await ask('POST', `${CONVERSATION}/archive`, { rolloutPath: path })).toEqual({});
    expect(sample.equals(await readFile(archived))).toBe(true);
    expect(await ask('POST', `${CONVERSATION}/unarchive`, {})).toEqual({ rolloutPath: path });
    expect(sample.equals(await readFile(path))).toBe(true);
  });
});
