import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { callAnswer, functionCall, textAnswer } from '../../src/demo/responses.ts';
import { withoutBubblewrap } from '../core/sandbox/confined.ts';
import { createPlace, type DaemonProcess, type Place } from '../support/daemon-process.ts';

/** Outside of the temporary folders, which `workspace-write` lets everybody write. */
function workspace(): string {
  const folder = mkdtempSync('/var/tmp/codexd-workspace-');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What the model is told of a command that it runs, and how the conversation is set up. */
async function runs(
  given: string[] | ((home: string) => string[]),
  params: object,
): Promise<{ told: string; place: Place }> {
  const command = (): string[] => (typeof given === 'function' ? given(place.home) : given);
  const place = await createPlace(({ index }) =>
    index === 0 ? callAnswer(functionCall('shell', { command: command() }, 'call')) : textAnswer('I see'),
  );
  const daemon = await place.start();
  const socket = await daemon.connect();
  const { conversationId } = await daemon.newConversation(params);
  await socket.listen(conversationId);
  await daemon.say(conversationId, 'go');
  await socket.event('task_complete');
  const last = place.model.requests[1]?.body.input.at(-1) as { output?: string } | undefined;
  return { told: last?.output ?? '', place };
}

const confined = (cwd: string) => ({ cwd, sandbox: 'workspace-write', approvalPolicy: 'never' });

describe.skipIf(withoutBubblewrap)('a confined command of the model', () => {
  test('writes its workspace and nothing else, and the model is told', async () => {
    const inside = workspace();
    const outside = workspace();
    const { told } = await runs(
      ['sh', '-c', `echo in > in.txt; echo out > ${outside}/out.txt`],
      confined(inside),
    );
    expect(readFileSync(path.join(inside, 'in.txt'), 'utf8')).toBe('in\n');
    expect(existsSync(path.join(outside, 'out.txt'))).toBe(false);
    expect(told).toMatch(/^failed in sandbox LinuxSeccomp with execution error: sandbox denied exec error/);
    expect(told).toContain('Read-only file system');
  });

  test('SEC-EXEC-7: does not get out by a link, into .git, or onto the network', async () => {
    const inside = workspace();
    const outside = workspace();
    mkdirSync(path.join(inside, '.git/hooks'), { recursive: true });
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    let connections = 0;
    server.on('connection', () => {
      connections += 1;
    });
    const script = [
      `ln -s ${outside} link; echo x > link/escaped`,
      'echo x > .git/hooks/pre-commit',
      `exec 3<>/dev/tcp/127.0.0.1/${port}`,
      'exit 3',
    ].join('\n');
    const { told } = await runs(['bash', '-c', script], confined(inside));
    expect(told).toContain('sandbox denied exec error');
    expect(existsSync(path.join(outside, 'escaped'))).toBe(false);
    expect(existsSync(path.join(inside, '.git/hooks/pre-commit'))).toBe(false);
    expect(connections).toBe(0);
  });

  test('SEC-EXEC-7: reaches neither the token nor the socket of the daemon, and writes no credentials', async () => {
    const inside = workspace();
    const script =
      'cat $CODEX_HOME/codexd/token; ls $CODEX_HOME/codexd; echo {} > $CODEX_HOME/auth.json; echo done; exit 1';
    const { told, place } = await runs(['sh', '-c', script], confined(inside));
    const token = readFileSync(path.join(place.home, 'codexd/token'), 'utf8').trim();
    expect(told).not.toContain(token);
    expect(told).not.toContain('codexd.sock');
    expect(told).toContain('stdout: done');
    expect(existsSync(path.join(place.home, 'auth.json'))).toBe(false);
  });

  test('SEC-EXEC-7: does not read the token with a command that is known to be safe, whose failures are its own', async () => {
    const { told, place } = await runs((home) => ['cat', `${home}/codexd/token`], confined(workspace()));
    expect(told).toContain('"exit_code":1');
    expect(told).not.toContain(readFileSync(path.join(place.home, 'codexd/token'), 'utf8').trim());
    expect(told).not.toContain('failed in sandbox');
  });
});

describe.skipIf(withoutBubblewrap)('execOneOffCommand', () => {
  const exec = (daemon: DaemonProcess, body: object) =>
    daemon.post<{ exitCode?: number; stdout?: string; stderr?: string }>('/v1/exec', body);

  test('SEC-EXEC-8: is confined by the policy that it is given, else by that of the settings', async () => {
    const place = await createPlace(() => textAnswer('x'));
    const daemon = await place.start();
    const cwd = workspace();
    const readOnly = { mode: 'read-only' };
    const refused = await exec(daemon, { command: ['touch', 'made'], cwd, sandboxPolicy: readOnly });
    expect(refused).toMatchObject({ status: 200, body: { exitCode: 1 } });
    expect(refused.body.stderr).toContain('Read-only file system');
    expect(existsSync(path.join(cwd, 'made'))).toBe(false);
    const writable = { mode: 'workspace-write' };
    const done = await exec(daemon, { command: ['touch', 'made'], cwd, sandboxPolicy: writable });
    expect(done).toMatchObject({ status: 200, body: { exitCode: 0 } });
    expect(existsSync(path.join(cwd, 'made'))).toBe(true);
  });
});

test('SEC-EXEC-6 without a sandbox a command that needs one is not run, and everybody is told why', async () => {
  const place = await createPlace(({ index }) =>
    index === 0
      ? callAnswer(functionCall('shell', { command: ['touch', 'made'] }, 'call'))
      : textAnswer('I see'),
  );
  const daemon = await place.start([], { PATH: '/nowhere' });
  const { sandbox } = await daemon.get<{ sandbox: object }>('/v1/server');
  expect(sandbox).toMatchObject({ kind: 'none', reason: expect.stringContaining('bubblewrap') });
  expect(daemon.stderr()).toContain('no sandbox');
  const socket = await daemon.connect();
  const { conversationId } = await daemon.newConversation({ sandbox: 'read-only' });
  await socket.listen(conversationId);
  await daemon.say(conversationId, 'go');
  await socket.event('task_complete');
  expect(JSON.stringify(place.model.requests[1]?.body.input.at(-1))).toContain('is not available here');
  const oneOff = await daemon.post<{ reason: string }>('/v1/exec', {
    command: ['touch', 'made'],
    sandboxPolicy: { mode: 'read-only' },
  });
  expect([oneOff.status, oneOff.body.reason]).toEqual([500, 'sandbox_unavailable']);
  expect(existsSync(path.join(place.cwd, 'made'))).toBe(false);
});
