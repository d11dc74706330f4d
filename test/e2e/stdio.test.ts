import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { wait } from '../../src/demo/answers.ts';
import { callAnswer, functionCall, textAnswer } from '../../src/demo/responses.ts';
import { createPlace } from '../support/daemon-process.ts';
import { CLI, StdioProgram, spawnStdio } from '../support/stdio-program.ts';

const answer = () => textAnswer('hello');
const HELLO = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: { name: 't', version: '1' } };

describe('codexd stdio', { timeout: 60_000 }, () => {
  it('serves a program of the 0.36 protocol, with its own ids and nothing that it does not know', async () => {
    const place = await createPlace(({ body }) =>
      body.input.some(({ type }) => type === 'function_call_output')
        ? textAnswer('done')
        : callAnswer(functionCall('shell', { command: ['rm', 'x'] })),
    );
    await place.start(['-c', 'approval_policy="untrusted"', '-c', 'sandbox_mode="read-only"']);
    const program = spawnStdio(place);
    await program.call('initialize', HELLO);
    program.write('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    program.write('{"id":"mine","method":"newConversation","params":{}}');
    const { result } = await program.answerTo('mine');
    const conversationId = String(result?.conversationId);
    await program.call('addConversationListener', { conversationId });
    await program.call('sendUserMessage', {
      conversationId,
      items: [{ type: 'text', data: { text: 'go' } }],
    });
    const asked = await program.message('execCommandApproval');
    expect(asked.params).toMatchObject({ command: ['rm', 'x'], cwd: place.cwd });
    program.write(JSON.stringify({ id: asked.id, result: { decision: 'denied' } }));
    await program.event('task_complete');
    expect(program.lines.join('\n')).not.toContain('_meta');
    program.write('not JSON');
    expect(await program.answerTo(null)).toMatchObject({ error: { code: -32700 } });
  });

  it('works in the folder where it was spawned, wherever the daemon runs', async () => {
    const place = await createPlace(answer);
    const daemon = await place.start();
    const cwd = path.join(place.cwd, 'project');
    mkdirSync(cwd);
    const program = spawnStdio({ ...place, cwd });
    const { result } = await program.call('execOneOffCommand', { command: ['pwd'] });
    expect(result).toMatchObject({ stdout: `${cwd}\n` });
    const [fresh, inner] = await Promise.all([
      program.call('newConversation'),
      program.call('newConversation', { cwd: 'inner' }),
    ]);
    const cwdOf = async ({ result: opened }: typeof fresh) =>
      (await daemon.get<{ cwd: string }>(`/v1/conversations/${opened?.conversationId}`)).cwd;
    expect([await cwdOf(fresh), await cwdOf(inner)]).toEqual([cwd, path.join(cwd, 'inner')]);
  });

  it('REL-SIG-8: ends within a second of its input, after the answers to it, and the turn goes on', async () => {
    const release = Promise.withResolvers<void>();
    const place = await createPlace(() => [wait(release.promise), ...textAnswer('late')]);
    const daemon = await place.start();
    const program = spawnStdio(place);
    const { result } = await program.call('newConversation');
    const conversationId = String(result?.conversationId);
    await program.call('sendUserMessage', {
      conversationId,
      items: [{ type: 'text', data: { text: 'go' } }],
    });
    const answered = program.call('getUserAgent');
    program.call('execOneOffCommand', { command: ['sleep', '30'] });
    const closing = performance.now();
    program.child.stdin.end();
    expect(await program.ended).toEqual({ code: 0, stderr: '' });
    expect(performance.now() - closing).toBeLessThan(1000);
    expect(await answered).toHaveProperty('result.userAgent');
    const events = await daemon.stream(`/v1/conversations/${conversationId}/events`);
    release.resolve();
    expect((await events.event('task_complete')).params.msg.last_agent_message).toBe('late');
  });

  it('REL-SIG-8: ends within a second of its parent, although somebody else keeps its input open', async () => {
    const place = await createPlace(answer);
    await place.start();
    const parent = spawn(
      'sh',
      ['-c', 'exec 3<&0; "$@" <&3 3<&- & wait', 'sh', process.execPath, CLI, 'stdio'],
      {
        cwd: place.cwd,
        env: { ...process.env, CODEX_HOME: place.home },
        stdio: 'pipe',
      },
    );
    onTestFinished(() => void parent.stdin.destroy());
    const program = new StdioProgram(parent);
    await program.call('getUserAgent');
    const gone = performance.now();
    parent.kill('SIGKILL');
    // Its output is closed when the last process that has it is gone.
    await program.ended;
    expect(performance.now() - gone).toBeLessThan(1000);
  });

  it('REL-SIG-8: answers what waits with an error and ends when the daemon does', async () => {
    const place = await createPlace(answer);
    const daemon = await place.start();
    const program = spawnStdio(place);
    await program.call('getUserAgent');
    const waiting = program.call('execOneOffCommand', { command: ['sleep', '30'] });
    await program.call('getUserAgent');
    await daemon.kill('SIGKILL');
    const { error } = await waiting;
    expect(error).toEqual({
      code: -32001,
      message: expect.stringContaining('codexd has closed the connection'),
    });
    expect(await program.ended).toEqual({
      code: 1,
      stderr: expect.stringContaining('error: codexd has closed'),
    });
  });

  it('goes over TCP with the token of the environment to where CODEXD_URL says', async () => {
    const place = await createPlace(answer);
    const daemon = await place.start(['--no-socket']);
    const elsewhere = { ...place, home: place.cwd };
    const env = { CODEXD_URL: daemon.url, CODEXD_TOKEN: daemon.token };
    const program = spawnStdio(elsewhere, [], env);
    expect(await program.call('getUserAgent')).toHaveProperty('result.userAgent');
    const stranger = spawnStdio(elsewhere, [], { ...env, CODEXD_TOKEN: `${daemon.token}x` });
    const { code, stderr } = await stranger.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error: codexd refuses the connection \(401\): The credential that was sent is not valid/,
    );
    expect(stderr).not.toContain(daemon.token);
  });

  it('says what to do when no daemon runs, and starts one when told to', async () => {
    const place = await createPlace(answer, '[server]\nport = 0');
    const { code, stderr } = await spawnStdio(place).ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('codexd serve') });
    const programs = [spawnStdio(place, ['--start']), spawnStdio(place, ['--start'])];
    const answers = await Promise.all(programs.map((program) => program.call('getUserAgent')));
    const { pid } = JSON.parse(readFileSync(path.join(place.home, 'codexd/daemon.json'), 'utf8'));
    onTestFinished(() => void process.kill(pid, 'SIGKILL'));
    for (const given of answers) expect(given).toHaveProperty('result.userAgent');
    for (const { child } of programs) child.stdin.end();
    await Promise.all(programs.map(({ child }) => once(child, 'exit')));
    expect(await spawnStdio(place).call('getUserAgent')).toHaveProperty('result.userAgent');
  });
});
