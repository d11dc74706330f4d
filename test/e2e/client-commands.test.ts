import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { wait } from '../../src/demo/answers.ts';
import { callAnswer, functionCall, textAnswer } from '../../src/demo/responses.ts';
import { createAuthPlace } from '../support/auth/place.ts';
import { CANARY, chatGptFile, X } from '../support/auth/tokens.ts';
import { createPlace } from '../support/daemon-process.ts';
import { openTerminal, runCodexd } from '../support/terminal.ts';

const linesOf = (text: string) => text.trimEnd().split('\n');
const HOSTILE = 'a\u001b]0;owned\u0007b\u202ec\u009bd\re';

describe('the commands about conversations', { timeout: 60_000 }, () => {
  it('list, show, put away and bring back, by the beginning of an id', async () => {
    const place = await createPlace(() => textAnswer('an answer'));
    await place.start();
    const said = await runCodexd(place, ['chat', 'a question\nof two lines']);
    expect(said).toMatchObject({ code: 0, stdout: 'an answer\n' });
    const { items } = JSON.parse((await runCodexd(place, ['list', '--json'])).stdout);
    const { conversationId } = items[0];
    const begin = conversationId.slice(0, 8);
    const { stdout } = await runCodexd(place, ['list']);
    expect(stdout).toMatch(
      new RegExp(`^${conversationId}  \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d  a question of two lines\n$`),
    );
    const shown = await runCodexd(place, ['show', begin]);
    expect(shown).toEqual({ code: 0, stdout: 'an answer\n', stderr: '> a question\nof two lines\n' });
    expect(await runCodexd(place, ['archive', begin])).toMatchObject({
      code: 0,
      stdout: `archived ${conversationId}\n`,
    });
    expect((await runCodexd(place, ['list'])).stdout).toBe('no conversations\n');
    const away = await runCodexd(place, ['show', conversationId, '--json']);
    expect(JSON.parse(away.stdout)).toMatchObject({ conversationId, archived: true });
    const back = await runCodexd(place, ['unarchive', begin, '--json']);
    expect(JSON.parse(back.stdout)).toMatchObject({ conversationId, archived: false });
    const unknown = await runCodexd(place, ['show', 'ffffffff']);
    expect(unknown).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('no conversation ffffffff'),
    });
  });

  it('go on with a stored conversation, where it was', async () => {
    const place = await createPlace(() => textAnswer('an answer'));
    const first = await place.start();
    await runCodexd(place, ['chat', 'one']);
    await first.kill('SIGTERM');
    await place.start();
    const { items } = JSON.parse((await runCodexd(place, ['list', '--json'])).stdout);
    const { conversationId } = items[0];
    const closed = await runCodexd(place, ['tail', conversationId]);
    expect(closed).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`codexd resume ${conversationId}`),
    });
    expect(await runCodexd(place, ['resume', conversationId, 'two'])).toMatchObject({
      code: 0,
      stdout: 'an answer\n',
    });
    const { stderr } = await runCodexd(place, ['show', conversationId]);
    expect(stderr).toBe('> one\n> two\n');
  });
});

describe('codexd chat', { timeout: 60_000 }, () => {
  it('writes an object per line with --json, the result last', async () => {
    const place = await createPlace(() => textAnswer('an answer'));
    await place.start();
    const { code, stdout, stderr } = await runCodexd(place, ['chat', '-', '--json'], {
      input: 'from stdin\n',
    });
    const objects = linesOf(stdout).map((line) => JSON.parse(line));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(objects[0]).toMatchObject({ kind: 'conversation', model: 'test-model' });
    expect(objects.at(-1)).toMatchObject({
      kind: 'result',
      status: 'completed',
      lastAgentMessage: 'an answer',
    });
    const [begun] = objects.filter(({ kind }) => kind === 'event');
    expect(begun).toMatchObject({ turnId: '0', eventId: expect.any(String), msg: { type: 'task_started' } });
    expect(JSON.stringify(place.model.requests[0]?.body.input)).toContain('from stdin');
  });

  it('works where it was called, with the settings of its flags', async () => {
    const place = await createPlace(() => textAnswer('ok'));
    const daemon = await place.start();
    const flags = [
      '-m',
      'other-model',
      '-s',
      'read-only',
      '-a',
      'never',
      '-c',
      'model_reasoning_effort=low',
      '-C',
      '..',
    ];
    const { stdout } = await runCodexd(place, ['chat', 'hi', '--json', ...flags]);
    const { conversationId } = JSON.parse(linesOf(stdout)[0] ?? '');
    expect(await daemon.get(`/v1/conversations/${conversationId}`)).toMatchObject({
      model: 'other-model',
      cwd: path.dirname(place.cwd),
    });
    const wrong = await runCodexd(place, ['chat', 'hi', '-s', 'anything']);
    expect(wrong).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Allowed choices are read-only'),
    });
  });

  it('shows what a model and a command say without letting them steer the terminal', async () => {
    const place = await createPlace(({ body }) =>
      body.input.some(({ type }) => type === 'function_call_output')
        ? textAnswer(HOSTILE)
        : callAnswer(functionCall('shell', { command: ['printf', '%s', HOSTILE] })),
    );
    await place.start();
    const { stdout, stderr } = await runCodexd(place, ['chat', 'go'], {
      env: { FORCE_COLOR: '1', NO_COLOR: '' },
    });
    const harmless = 'a␛]0;owned␇b<U+202E>c<U+009B>d␍e';
    expect(stdout).toBe(`${harmless}\n`);
    expect(stderr).toContain(harmless);
    expect(stderr).toContain('\u001b[1m$ printf');
    const { stderr: plain } = await runCodexd(place, ['chat', 'go'], { env: { NO_COLOR: '1' } });
    expect(plain).not.toContain('\u001b');
  });

  it('ends with 1 when the turn fails, and with 130 when it is interrupted here', async () => {
    const place = await createPlace(({ index }) =>
      index === 0 ? { status: 400, body: { error: { message: 'no' } } } : [wait(new Promise(() => {}))],
    );
    const once = ['request_max_retries', 'stream_max_retries'];
    const daemon = await place.start(once.flatMap((key) => ['-c', `model_providers.test.${key}=0`]));
    const failed = await runCodexd(place, ['chat', 'hi']);
    expect(failed).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('error: ') });
    const terminal = openTerminal(place, ['chat', 'hi']);
    await place.model.waitForRequests(2);
    terminal.child.kill('SIGINT');
    expect(await terminal.finished).toMatchObject({
      code: 130,
      stderr: expect.stringContaining('interrupted'),
    });
    const { items } = await daemon.get<{ items: { conversationId: string }[] }>('/v1/conversations');
    const states = items.map(({ conversationId: id }) =>
      daemon.get<{ turn: unknown }>(`/v1/conversations/${id}`),
    );
    for (const { turn } of await Promise.all(states)) expect(turn).toBeNull();
  });

  it('leaves a question to others when nobody sits at the terminal', async () => {
    const place = await createPlace(({ body }) =>
      body.input.some(({ type }) => type === 'function_call_output')
        ? textAnswer('done')
        : callAnswer(functionCall('shell', { command: ['touch', 'x'] })),
    );
    const daemon = await place.start();
    const terminal = openTerminal(place, ['chat', 'hi', '-a', 'untrusted', '-s', 'read-only']);
    terminal.child.stdin.end();
    await terminal.sees(/answer with: codexd attach [0-9a-f-]{36}/);
    const { items } = await daemon.get<{ items: { approvalId: string }[] }>('/v1/approvals');
    await daemon.post(`/v1/approvals/${items[0]?.approvalId}`, { decision: 'denied' });
    expect(await terminal.finished).toMatchObject({ code: 0, stdout: 'done\n' });
  });
});

describe('several terminals on one conversation', { timeout: 60_000 }, () => {
  it('see the same, and an answer given in one settles the question in all', async () => {
    const place = await createPlace(({ body }) =>
      body.input.at(-1)?.type === 'function_call_output'
        ? textAnswer('done with it')
        : callAnswer(functionCall('shell', { command: ['touch', 'x'] })),
    );
    const daemon = await place.start(['-c', 'approval_policy="untrusted"', '-c', 'sandbox_mode="read-only"']);
    const { conversationId } = await daemon.newConversation();
    const terminals = [1, 2, 3].map(() => openTerminal(place, ['attach', conversationId]));
    const [one, two, three] = terminals as [
      (typeof terminals)[0],
      (typeof terminals)[0],
      (typeof terminals)[0],
    ];
    const listeners = async () =>
      (await daemon.get<{ listeners: number }>(`/v1/conversations/${conversationId}`)).listeners;
    await expect.poll(listeners, { timeout: 30_000 }).toBe(3);
    one.type('please do it');
    for (const terminal of terminals) await terminal.sees('touch x');
    await two.sees('> please do it');
    expect(one.shown()).not.toContain('> please do it');
    three.type('what?');
    await three.sees(/\[n\]o.*\n.*\[n\]o/s);
    three.type('n');
    for (const terminal of terminals) await terminal.sees('done with it');
    for (const terminal of [one, two]) expect(terminal.shown()).toContain('settled elsewhere: denied');
    expect(three.shown()).not.toContain('settled elsewhere');
    const late = openTerminal(place, ['attach', conversationId]);
    await late.sees('done with it');
    for (const { child } of [...terminals, late]) child.stdin.end();
    const ends = await Promise.all([...terminals, late].map(({ finished }) => finished));
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(ends.map(({ stdout }) => stdout)).toEqual(Array(4).fill('done with it\n'));
  });

  it('are told when the conversation is put away, and tail ends with it', async () => {
    const place = await createPlace(() => textAnswer('an answer'));
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const tail = openTerminal(place, ['tail', conversationId, '--json']);
    const attached = openTerminal(place, ['attach', conversationId]);
    await tail.sees('snapshot');
    await daemon.say(conversationId, 'hi');
    await tail.sees('task_complete');
    await attached.sees('an answer');
    await runCodexd(place, ['archive', conversationId]);
    const { code, stdout } = await tail.finished;
    expect(code).toBe(0);
    expect(linesOf(stdout).map((line) => JSON.parse(line).kind)).toContain('event');
    expect(await attached.finished).toMatchObject({ code: 0, stderr: expect.stringContaining('was closed') });
  });
});

describe('the account', { timeout: 60_000 }, () => {
  it('is signed in with a key from stdin, told, and signed out', async () => {
    const place = await createAuthPlace(() => textAnswer('ok'));
    await place.start();
    const key = `sk-${CANARY}-by-command`;
    const nobody = await runCodexd(place, ['whoami']);
    expect(nobody).toEqual({ code: 1, stdout: 'not signed in; sign in with: codexd login\n', stderr: '' });
    const signedIn = await runCodexd(place, ['login', '--with-api-key'], { input: `${key}\n` });
    expect(signedIn).toEqual({ code: 0, stdout: 'signed in with an API key\n', stderr: '' });
    const known = JSON.parse((await runCodexd(place, ['whoami', '--json'])).stdout);
    expect(known).toEqual({ authMethod: 'apikey', requiresOpenaiAuth: true, email: null });
    expect(await runCodexd(place, ['logout'])).toMatchObject({ code: 0, stdout: 'signed out\n' });
    place.writeAuth(chatGptFile(X));
    const { stdout } = await runCodexd(place, ['whoami']);
    expect(stdout).toBe(`signed in with ChatGPT as ${X.email}\n`);
    expect(await runCodexd(place, ['login', '--with-api-key'])).toMatchObject({ code: 2 });
  });

  it('is waited for while the user is in the browser, and the login is cancelled with Ctrl-C', async () => {
    const place = await createAuthPlace(() => textAnswer('ok'));
    await place.start();
    const terminal = openTerminal(place, ['login', '--json']);
    await terminal.sees('authUrl');
    const { authUrl } = JSON.parse(linesOf(terminal.shown())[0] ?? '');
    expect(authUrl).toContain(place.issuer.url);
    terminal.child.kill('SIGINT');
    expect((await terminal.finished).code).toBe(130);
  });
});

describe('codexd doctor', { timeout: 60_000 }, () => {
  const named = (findings: { name: string; state: string }[]) =>
    Object.fromEntries(findings.map(({ name, state }) => [name, state]));

  it('finds nothing wrong where nothing is', async () => {
    const place = await createPlace(() => textAnswer('ok'));
    const daemon = await place.start();
    const { code, stdout } = await runCodexd(place, ['doctor', '--json']);
    const { healthy, findings } = JSON.parse(stdout);
    const { sandbox, ...others } = named(findings);
    expect({ code, healthy }).toEqual({ code: 0, healthy: true });
    expect(others).toEqual({
      node: 'ok',
      home: 'ok',
      config: 'ok',
      daemon: 'ok',
      port: 'ok',
      login: 'ok',
      model: 'ok',
    });
    expect(['ok', 'warning']).toContain(sandbox);
    const { stdout: text } = await runCodexd(place, ['doctor']);
    expect(text).toContain(`ok       daemon   answers on ${daemon.url}`);
  });

  it('explains what is wrong, one thing beside the other', async () => {
    const place = await createPlace(() => textAnswer('ok'));
    writeFileSync(path.join(place.home, 'auth.json'), '{}');
    chmodSync(path.join(place.home, 'auth.json'), 0o644);
    await place.model.close();
    const { code, stdout } = await runCodexd(place, ['doctor', '--json']);
    const { healthy, findings } = JSON.parse(stdout);
    expect({ code, healthy }).toEqual({ code: 1, healthy: false });
    expect(named(findings)).toMatchObject({
      home: 'problem',
      daemon: 'warning',
      model: 'problem',
      config: 'ok',
    });
    expect(JSON.stringify(findings)).toContain('ECONNREFUSED');
    writeFileSync(path.join(place.home, 'config.toml'), 'model = 5');
    const broken = JSON.parse((await runCodexd(place, ['doctor', '--json'])).stdout);
    expect(named(broken.findings)).toMatchObject({ config: 'problem', node: 'ok' });
  });
});
