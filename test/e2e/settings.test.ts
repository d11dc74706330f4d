import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { textAnswer } from '../../src/demo/responses.ts';
import { createPlace, type DaemonProcess } from '../support/daemon-process.ts';

interface Problem {
  status: number;
  detail: string;
  code: number;
  reason: string;
}

interface Effective {
  settings: Record<string, { value: unknown; origin: string }>;
}

async function setDefaultModel(daemon: DaemonProcess, body: object) {
  const answer = await daemon.fetch('/v1/config/default-model', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

const model = async (daemon: DaemonProcess) => (await daemon.post('/v1/conversations')).body.model;

describe('settings over the wire', () => {
  test('the default model is written, shown, and used by the next conversation', async () => {
    const place = await createPlace(() => textAnswer('x'), '# kept\nunknown_key = 1 # kept, too');
    const daemon = await place.start();
    const running = await daemon.newConversation();
    const answer = await setDefaultModel(daemon, { model: 'new-model', reasoningEffort: 'high' });
    expect(answer).toEqual({ status: 200, body: {} });
    expect(await daemon.get('/v1/config')).toMatchObject({
      config: { model: 'new-model', modelReasoningEffort: 'high', approvalPolicy: 'never', profiles: {} },
    });
    expect(await model(daemon)).toBe('new-model');
    await daemon.say(running.conversationId, 'hi');
    await expect.poll(() => place.model.requests.length).toBe(1);
    expect(place.model.requests[0]?.body).toMatchObject({ model: 'test-model' });
    const text = readFileSync(path.join(place.home, 'config.toml'), 'utf8');
    expect(text).toContain('# kept\nunknown_key = 1 # kept, too\nmodel_reasoning_effort = "high"\n');
    expect(await setDefaultModel(daemon, {})).toEqual({ status: 200, body: {} });
    expect(await daemon.get('/v1/config')).not.toHaveProperty('config.model');
    const refusal = await setDefaultModel(daemon, { model: 'm', reasoningEffort: 'huge' });
    expect(refusal).toMatchObject({
      status: 400,
      body: { code: -32602, errors: [{ path: 'reasoningEffort' }] },
    });
  });

  test('the settings in force name their sources, and -c is never written back', async () => {
    const place = await createPlace(() => textAnswer('x'), 'model_verbosity = "low"');
    const daemon = await place.start(['-c', 'model="flag"', '-c', 'project_doc_max_bytes=0']);
    await setDefaultModel(daemon, { model: 'file', reasoningEffort: 'low' });
    const { settings } = await daemon.get<Effective>('/v1/config/effective');
    expect(settings).toMatchObject({
      model: { value: 'flag', origin: 'cli' },
      model_reasoning_effort: { value: 'low', origin: 'file' },
      model_verbosity: { value: 'low', origin: 'file' },
      project_doc_max_bytes: { value: 0, origin: 'cli' },
      durability: { value: 'normal', origin: 'default' },
      'model_providers.test.wire_api': { value: 'responses', origin: 'file' },
    });
    expect(readFileSync(path.join(place.home, 'config.toml'), 'utf8')).not.toMatch(/flag|project_doc/);
  });

  test('a broken file is left as it is, and running conversations go on', async () => {
    const place = await createPlace(() => textAnswer('x'));
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const file = path.join(place.home, 'config.toml');
    const broken = 'key = "secret\n[[[';
    writeFileSync(file, broken);
    const refusals = [
      ['failed to load config.toml: ', await daemon.get<Problem>('/v1/config')],
      ['failed to load config.toml: ', await daemon.get<Problem>('/v1/config/effective')],
      ['failed to persist overrides: ', (await setDefaultModel(daemon, { model: 'm' })).body as Problem],
    ] as const;
    for (const [start, problem] of refusals) {
      expect(problem).toMatchObject({ status: 500, code: -32603, reason: 'config_invalid' });
      expect(problem.detail).toMatch(new RegExp(`^${start}TOML parse error at line 1, column`));
      expect(problem.detail).not.toContain('secret');
    }
    expect(readFileSync(file, 'utf8')).toBe(broken);
    expect((await daemon.say(conversationId, 'hi')).status).toBe(202);
    await expect.poll(() => place.model.requests.length).toBe(1);
  });
});

describe('git over the wire', () => {
  test('shows the diff of a folder, also of one that is named relative to the daemon', async () => {
    const place = await createPlace(() => textAnswer('x'));
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=n', '-c', 'user.email=e@x', ...args], {
        cwd: place.cwd,
        encoding: 'utf8',
        stdio: 'pipe',
      }).trim();
    git('init', '-q', '-b', 'main');
    git('commit', '-q', '--allow-empty', '-m', 'c');
    git('init', '-q', '--bare', '../remote.git');
    git('remote', 'add', 'origin', '../remote.git');
    git('push', '-q', 'origin', 'main');
    writeFileSync(path.join(place.cwd, 'new.txt'), 'n\n');
    const daemon = await place.start();
    const route = (cwd: string) => `/v1/git/diff-to-remote?cwd=${encodeURIComponent(cwd)}`;
    const result = await daemon.get(route(place.cwd));
    expect(result).toEqual({ sha: git('rev-parse', 'HEAD'), diff: expect.stringContaining('+++ b/new.txt') });
    expect(await daemon.get(route('.'))).toEqual(result);
    const problem = await daemon.get<Problem>(route(`${place.home}/it's "\t"`));
    expect(problem).toMatchObject({ status: 400, code: -32600, reason: 'git_no_repository' });
    expect(problem.detail).toBe(
      `failed to compute git diff to remote for cwd: "${place.home}/it\\'s \\"\\t\\""`,
    );
    for (const cwd of ['', '\0', 'x\0']) {
      expect(await daemon.get(route(cwd))).toMatchObject({ status: 400 });
    }
  });
});
