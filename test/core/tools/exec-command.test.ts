import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemProcesses } from '../../support/system-processes.ts';
import { createWorkbench, hostStatus, NO_SANDBOX, type Settings, type Workbench } from './workbench.ts';

const onLinux = process.platform === 'linux';

/** An answer without how long it took. */
const masked = (answer: string): string => answer.replace(/^Wall time: \d+\.\d{3} seconds\n/, '');
const exited = (code: number, output: string): string =>
  `Process exited with code ${code}\nOutput:\n${output}`;
const running = (id: number, output: string): string =>
  `Process running with session ID ${id}\nOutput:\n${output}`;

async function exec(bench: Workbench, cmd: string, more: object = {}): Promise<string> {
  return masked(await bench.call('exec_command', { cmd, login: false, ...more }));
}

async function write(
  bench: Workbench,
  session_id: number,
  chars: string,
  more: object = {},
): Promise<string> {
  return masked(await bench.call('write_stdin', { session_id, chars, ...more }));
}

/** Types, and looks again until the text has come; returns all that has appeared. */
async function typeUntil(
  bench: Workbench,
  chars: string,
  expected: string,
  settings?: Settings,
  before = '',
): Promise<string> {
  let typed = chars;
  let seen = before;
  const look = async () => {
    const args = { session_id: 0, chars: typed, yield_time_ms: 50 };
    typed = '';
    const answer = masked(await bench.call('write_stdin', args, settings));
    seen += answer.replace(/^Process running with session ID 0\nOutput:\n/, '');
    return seen;
  };
  await expect.poll(look, { timeout: 10_000 }).toContain(expected);
  return seen;
}

/** Starts a session, and looks until the text has come. */
async function startUntil(
  bench: Workbench,
  cmd: string,
  expected: string,
  settings?: Settings,
): Promise<void> {
  const answer = await bench.call('exec_command', { cmd, login: false, yield_time_ms: 0 }, settings);
  await typeUntil(bench, '', expected, settings, answer);
}

/** What runs in the folder of the bench. */
const left = ({ cwd }: Workbench): string[] =>
  systemProcesses()
    .filter((process) => process.cwd === cwd && process.state !== 'Z')
    .map(({ command }) => command);

describe('exec_command', () => {
  test('answers with the exit code and everything that appeared on the terminal', async () => {
    const bench = await createWorkbench();
    const answer = await bench.call('exec_command', {
      cmd: 'echo out; echo err >&2; exit 3',
      login: false,
    });
    expect(answer).toMatch(/^Wall time: \d+\.\d{3} seconds\n/);
    expect(masked(answer)).toBe(exited(3, 'out\r\nerr\r\n'));
    expect(bench.events).toEqual([]);
  });

  test('runs it in the folder of the turn, on a terminal of 80 columns and 24 rows', async () => {
    const bench = await createWorkbench();
    const answer = await exec(bench, 'pwd; stty size; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo terminal');
    expect(answer).toBe(exited(0, `${bench.cwd}\r\n24 80\r\nterminal\r\n`));
  });

  test.each([
    [{ login: true }, 'login_shell    \ton'],
    [{ login: false }, 'login_shell    \toff'],
    [{}, 'login_shell    \ton'],
  ])('runs a login shell unless told not to: %o', async (choice, expected) => {
    const bench = await createWorkbench();
    const answer = await bench.call('exec_command', { cmd: 'shopt login_shell', ...choice });
    expect(answer).toContain(expected);
  });

  test('takes the shell that it is told', async () => {
    const bench = await createWorkbench();
    expect(await exec(bench, 'echo $0', { shell: 'sh' })).toBe(exited(0, 'sh\r\n'));
  });

  test('passes on the environment that the policy allows, and the umask of the user', async () => {
    const bench = await createWorkbench({
      env: { PLAIN: 'plain', API_KEY: 'secret' },
      umask: 0o027,
      shellEnvironmentPolicy: { set: { ADDED: 'added' } },
    });
    const answer = await exec(bench, 'echo $PLAIN-$API_KEY-$ADDED; umask');
    expect(answer).toBe(exited(0, 'plain--added\r\n0027\r\n'));
  });

  test.runIf(onLinux)('passes on no descriptor, neither ours nor those of another session', async () => {
    const bench = await createWorkbench();
    await exec(bench, 'cat', { yield_time_ms: 0 });
    const answer = await exec(bench, 'readlink /proc/self/fd/*; :', { login: false });
    expect(answer).not.toContain('ptmx');
    const terminals = answer.match(/\/dev\/pts\/\d+/g) ?? [];
    expect(new Set(terminals).size).toBe(1);
  });

  test('gives a number to every try, and says why one has failed', async () => {
    const bench = await createWorkbench();
    expect(await exec(bench, 'true', { shell: '/no/such/shell' })).toBe(
      'failed to create exec command session for session id 0: No such file or directory (os error 2)',
    );
    expect(await exec(bench, 'true', { shell: bench.cwd })).toContain('No such file or directory');
    expect(await exec(bench, 'a\0b')).toBe(
      'failed to create exec command session for session id 2: nul byte found in provided data',
    );
    expect(await exec(bench, 'cat', { yield_time_ms: 0 })).toBe(running(3, ''));
  });

  test.each([
    [{}, 'cmd'],
    [{ cmd: ['true'] }, 'cmd'],
    [{ cmd: 'true', yield_time_ms: -1 }, 'yield_time_ms'],
    [{ cmd: 'true', max_output_tokens: 1.5 }, 'max_output_tokens'],
    [{ cmd: 'true', login: 'yes' }, 'login'],
  ])('names the argument that does not fit: %o', async (args, field) => {
    const bench = await createWorkbench();
    const answer = await bench.call('exec_command', args);
    expect(answer).toMatch(/^failed to parse function arguments: /);
    expect(answer).toContain(field);
  });

  test('returns no more than it was told, and says how much there was', async () => {
    const bench = await createWorkbench();
    const answer = await exec(bench, 'seq 1 100', { max_output_tokens: 10 });
    expect(answer).toBe(
      'Process exited with code 0\nWarning: truncated output (original token count: 98)\n' +
        'Output:\n1\r\n2\r\n…96 tokens truncated…\n100\r\n',
    );
  });

  test('keeps start and end of an output of megabytes, and the count of it', async () => {
    const bench = await createWorkbench();
    const answer = await exec(bench, 'seq 1 400000');
    expect(answer).toContain('Warning: truncated output (original token count: 772224)');
    expect(answer).toContain('Output:\n1\r\n2\r\n');
    expect(answer).toMatch(/\r\n400000\r\n$/);
    expect(Buffer.byteLength(answer)).toBeLessThan(40_200);
  });
});

describe('a session', () => {
  test('goes on, takes what is typed, and gives what comes of it', async () => {
    const bench = await createWorkbench();
    expect(await exec(bench, 'read a; echo got $a; read b; exit 7', { yield_time_ms: 0 })).toBe(
      running(0, ''),
    );
    expect(await typeUntil(bench, 'one\n', 'got one\r\n')).toBe('one\r\ngot one\r\n');
    expect(await write(bench, 0, 'two\n', { yield_time_ms: 10_000 })).toBe(exited(7, 'two\r\n'));
  });

  test('keeps what comes while nobody looks', async () => {
    const bench = await createWorkbench();
    await exec(bench, 'read a; echo first; touch done; echo second; sleep 60', { yield_time_ms: 0 });
    const typed = await write(bench, 0, '\n', { yield_time_ms: 0 });
    await expect.poll(() => existsSync(join(bench.cwd, 'done'))).toBe(true);
    expect(await typeUntil(bench, '', 'second', {}, typed)).toMatch(/first[\s\S]*second/);
  });

  test('tells its end as often as it is asked', async () => {
    const bench = await createWorkbench();
    await exec(bench, 'read a', { yield_time_ms: 0 });
    expect(await write(bench, 0, '\n', { yield_time_ms: 10_000 })).toBe(exited(0, '\r\n'));
    expect(await write(bench, 0, '')).toBe(exited(0, ''));
    expect(await write(bench, 0, 'too late\n')).toBe(exited(0, ''));
  });

  test('hears Ctrl-C and Ctrl-D as on any terminal', async () => {
    const bench = await createWorkbench();
    await startUntil(bench, 'trap "echo caught" INT; echo ready; cat; echo after', 'ready');
    expect(await write(bench, 0, '\u0003', { yield_time_ms: 10_000 })).toBe(
      exited(0, '^Ccaught\r\nafter\r\n'),
    );
    await exec(bench, 'cat; echo after', { yield_time_ms: 0 });
    expect(await write(bench, 1, 'x\n\u0004', { yield_time_ms: 10_000 })).toContain('after');
  });

  test('has job control, so that a shell outlives what runs in it', async () => {
    const bench = await createWorkbench();
    await startUntil(bench, 'exec env PS1="PROMPT " bash --norc -i', 'PROMPT');
    await typeUntil(bench, 'sleep 300\n', 'sleep 300\r\n');
    await typeUntil(bench, '\u0003', 'PROMPT');
    await typeUntil(bench, 'echo $((20+22))\n', '42\r\n');
  });

  test('that is unknown is named', async () => {
    const bench = await createWorkbench();
    expect(await write(bench, 5, '')).toBe('unknown session id 5');
  });

  test('makes way for another only when it has ended', async () => {
    const bench = await createWorkbench();
    await exec(bench, 'read a', { yield_time_ms: 0 });
    const others = Array.from({ length: 15 }, () => exec(bench, 'exec cat', { yield_time_ms: 0 }));
    await Promise.all(others);
    expect(await exec(bench, 'true')).toBe(
      'failed to create exec command session for session id 16: 16 sessions are running; end one of them first, ' +
        'for example by writing \\u0003 to it',
    );
    await write(bench, 0, '\n', { yield_time_ms: 10_000 });
    expect(await exec(bench, 'true')).toBe(exited(0, ''));
    expect(await write(bench, 0, '')).toBe('unknown session id 0');
  });

  test.runIf(onLinux)(
    'ends with everything it has started, when the sessions of its conversation do',
    async () => {
      const bench = await createWorkbench();
      const script =
        'sleep 300 & setsid -f sleep 300; nohup sleep 300 & trap "" INT TERM HUP; touch up; cat; cat';
      await exec(bench, script, { yield_time_ms: 0 });
      await expect.poll(() => existsSync(join(bench.cwd, 'up'))).toBe(true);
      expect(left(bench).length).toBeGreaterThan(4);
      await bench.sessions.endAll();
      expect(left(bench)).toEqual([]);
      expect(await write(bench, 0, '', { yield_time_ms: 10_000 })).toContain('Process exited');
    },
  );

  test('is not waited for when the turn is interrupted', async () => {
    const bench = await createWorkbench();
    const turn = new AbortController();
    const args = { cmd: 'touch up; sleep 300', yield_time_ms: 60_000 };
    const answer = bench.call('exec_command', args, { signal: turn.signal });
    await expect.poll(() => existsSync(join(bench.cwd, 'up'))).toBe(true);
    turn.abort(new Error('interrupted'));
    await expect(answer).rejects.toThrow('interrupted');
  });

  test.runIf(onLinux)('does not come to be in a turn that was interrupted before', async () => {
    const bench = await createWorkbench();
    const answer = bench.call(
      'exec_command',
      { cmd: 'sleep 300' },
      { signal: AbortSignal.abort(new Error('over')) },
    );
    await expect(answer).rejects.toThrow('over');
    expect(left(bench)).toEqual([]);
  });
});

const readOnly = { sandboxPolicy: { mode: 'read-only' } } as const;
const ls = { cmd: 'ls', login: false };
const argv = ['/bin/bash', '-c', 'ls'];

describe('without a sandbox', () => {
  test('nothing runs that would need one and may not be asked about', async () => {
    const bench = await createWorkbench({ status: NO_SANDBOX });
    expect(await bench.call('exec_command', ls, readOnly)).toBe(
      'command not run: the read-only sandbox is not available here (None here.), and the approval policy is never to ask',
    );
    expect(bench.asked).toEqual([]);
  });

  test.each(['on-request', 'on-failure', 'untrusted'] as const)(
    'the user is asked under %s',
    async (policy) => {
      const bench = await createWorkbench({ status: NO_SANDBOX });
      const settings = { ...readOnly, approvalPolicy: policy };
      expect(await bench.call('exec_command', ls, settings)).toBe('exec command rejected by user');
      expect(bench.asked).toEqual([{ kind: 'exec', callId: 'c1', command: argv, cwd: bench.cwd }]);
      bench.answer('approved');
      expect(masked(await bench.call('exec_command', ls, settings))).toBe(exited(0, ''));
      expect(bench.asked).toHaveLength(2);
    },
  );

  test('an answer for the session holds for the same command on a terminal, not for its input', async () => {
    const bench = await createWorkbench({ status: NO_SANDBOX });
    const settings = { ...readOnly, approvalPolicy: 'on-request' } as const;
    bench.answer('approved_for_session');
    const cat = { cmd: 'cat', yield_time_ms: 0 };
    await bench.call('exec_command', cat, settings);
    await bench.call('exec_command', cat, settings);
    expect(bench.asked).toHaveLength(1);
    bench.answer('denied');
    expect(await bench.call('write_stdin', { session_id: 0, chars: 'x\n' }, settings)).toBe(
      'exec command rejected by user',
    );
    expect(bench.asked[1]).toEqual({
      kind: 'exec',
      callId: 'c1',
      command: ['write_stdin', '/bin/bash', '-lc', 'cat', 'x\n'],
      cwd: bench.cwd,
      reason: 'input for a running program: /bin/bash -lc cat',
    });
  });
});

describe('input to a program that is not confined', () => {
  const start = async () => {
    const bench = await createWorkbench();
    await startUntil(bench, 'echo up; exec cat', 'up\r\n');
    return bench;
  };
  const typed = { session_id: 0, chars: 'x\n' };

  test('passes in a turn with full access', async () => {
    const bench = await start();
    expect(await typeUntil(bench, 'x\n', 'x\r\nx\r\n')).toBe('x\r\nx\r\n');
  });

  test('is refused in a turn that wants a sandbox and does not ask', async () => {
    const bench = await start();
    expect(await bench.call('write_stdin', typed, readOnly)).toBe(
      'input not written: the session runs outside of the read-only sandbox, and the approval policy is never to ask',
    );
    expect(await write(bench, 0, '')).toBe(running(0, ''));
  });

  test.each([
    ['on-request', 'read-only'],
    ['untrusted', 'danger-full-access'],
  ] as const)('is asked about under %s and %s', async (approvalPolicy, mode) => {
    const bench = await start();
    const settings = { approvalPolicy, sandboxPolicy: { mode } };
    bench.answer('approved');
    await typeUntil(bench, 'x\n', 'x\r\nx\r\n', settings);
    expect(bench.asked).toHaveLength(1);
  });

  test('may always be read and ended', async () => {
    const bench = await start();
    const look = await bench.call('write_stdin', { session_id: 0, chars: '' }, readOnly);
    expect(masked(look)).toMatch(/^Process running with session ID 0\n/);
    const end = { session_id: 0, chars: '\u0004', yield_time_ms: 10_000 };
    // A terminal may show the end mark that was typed.
    expect(masked(await bench.call('write_stdin', end, readOnly))).toMatch(/^Process exited with code 0\n/);
  });
});

describe.skipIf(hostStatus.kind === 'none')('in the sandbox', () => {
  test('a command writes where the policy lets it, and its failure is told like any other', async () => {
    const bench = await createWorkbench();
    const cmd = 'echo x > inside && echo written';
    const confined = (mode: 'read-only' | 'workspace-write') =>
      bench.call('exec_command', { cmd }, { sandboxPolicy: { mode }, approvalPolicy: 'on-request' });
    expect(masked(await confined('read-only'))).toContain('Process exited with code 1\n');
    expect(existsSync(join(bench.cwd, 'inside'))).toBe(false);
    expect(masked(await confined('workspace-write'))).toBe(exited(0, 'written\r\n'));
    expect(bench.asked).toEqual([]);
  });

  test('even a command that is known to be safe runs, as it can be typed into', async () => {
    const bench = await createWorkbench();
    const args = { cmd: 'git --version > version', login: false };
    await bench.call('exec_command', args, readOnly);
    const settings = { ...readOnly, approvalPolicy: 'untrusted' } as const;
    expect(await bench.call('exec_command', ls, settings)).toBe('exec command rejected by user');
    expect(bench.asked).toHaveLength(1);
  });

  test('a program takes input unasked, and its terminal is a full one', async () => {
    const bench = await createWorkbench();
    const cmd = 'trap "echo caught" INT; echo ready; cat; touch outside || echo kept';
    const settings = { ...readOnly, approvalPolicy: 'on-request' } as const;
    await startUntil(bench, cmd, 'ready', settings);
    await typeUntil(bench, 'x\n', 'x\r\nx\r\n', settings);
    const stop = { session_id: 0, chars: '\u0003', yield_time_ms: 10_000 };
    expect(masked(await bench.call('write_stdin', stop, settings))).toMatch(/\^Ccaught\r\n[\s\S]*kept\r\n$/);
    expect(bench.asked).toEqual([]);
  });

  test('of another turn, a program is asked about', async () => {
    const bench = await createWorkbench();
    const workspace = { sandboxPolicy: { mode: 'workspace-write' }, approvalPolicy: 'on-request' } as const;
    await bench.call('exec_command', { cmd: 'cat', yield_time_ms: 0 }, workspace);
    const settings = { ...readOnly, approvalPolicy: 'on-request' } as const;
    expect(await bench.call('write_stdin', { session_id: 0, chars: 'x\n' }, settings)).toBe(
      'exec command rejected by user',
    );
  });

  test('a failure is offered to be tried again without it under on-failure', async () => {
    const bench = await createWorkbench();
    const settings = { ...readOnly, approvalPolicy: 'on-failure' } as const;
    const args = { cmd: 'echo x > inside', login: false };
    expect(await bench.call('exec_command', args, settings)).toBe('exec command rejected by user');
    expect(bench.asked[0]).toMatchObject({ reason: 'command failed; retry without sandbox?' });
    bench.answer('approved');
    expect(masked(await bench.call('exec_command', args, settings))).toBe(exited(0, ''));
    expect(existsSync(join(bench.cwd, 'inside'))).toBe(true);
  });

  test.runIf(onLinux)('a session ends with everything it has started', async () => {
    const bench = await createWorkbench();
    const settings = { sandboxPolicy: { mode: 'workspace-write' } } as const;
    const cmd = 'setsid -f sleep 300; trap "" INT TERM HUP; touch up; cat; cat';
    await bench.call('exec_command', { cmd, yield_time_ms: 0 }, settings);
    await expect.poll(() => existsSync(join(bench.cwd, 'up'))).toBe(true);
    await bench.sessions.endAll();
    expect(left(bench)).toEqual([]);
  });
});

test('where the sandbox does not start after all, the model is told so', async () => {
  const status = { kind: 'bubblewrap', path: '/bin/false' } as const;
  const bench = await createWorkbench({ status });
  expect(await bench.call('exec_command', ls, readOnly)).toMatch(
    /^failed to create exec command session for session id 0: The sandbox is not available: /,
  );
});
