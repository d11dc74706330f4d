import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  type CommandOptions,
  EmptyCommandError,
  runCommand,
  SpawnError,
} from '../../../src/core/exec/run.ts';

const PATH = process.env.PATH ?? '/usr/bin:/bin';
const onLinux = process.platform === 'linux';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'exec-test-'));
});
afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
});

function run(command: readonly string[], options: Partial<CommandOptions> = {}) {
  return runCommand({ command, cwd, env: { PATH }, timeoutMs: 10_000, ...options });
}

const shell = (script: string, options?: Partial<CommandOptions>) => run(['sh', '-c', script], options);
const node = (script: string, options?: Partial<CommandOptions>) =>
  run([process.execPath, '-e', script], options);

/** A zombie that its new parent has not collected yet counts as gone. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !onLinux || !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const pidsIn = (text: string): number[] => text.trim().split(/\s+/).map(Number);

describe('a command that ends by itself', () => {
  test('gives its exit code and both streams, apart and together', async () => {
    const result = await shell('echo out; sleep 0.1; echo err >&2; sleep 0.1; echo more; exit 3');
    expect(result).toMatchObject({
      exitCode: 3,
      signal: null,
      timedOut: false,
      aborted: false,
      stdout: 'out\nmore\n',
      stderr: 'err\n',
      aggregated: 'out\nerr\nmore\n',
    });
    expect(Number(result.durationNs) / 1e6).toBeGreaterThan(200);
  });

  test('SEC-EXEC-3: gets its arguments as they are, without a shell', async () => {
    const args = ['$HOME', '*', 'a b', '', '; ls'];
    const { stdout } = await run(['printf', '[%s]', ...args]);
    expect(stdout).toBe(args.map((arg) => `[${arg}]`).join(''));
  });

  test('has exactly the environment that it is given', async () => {
    const { stdout } = await run(['/usr/bin/env'], { env: { A: '1', B: 'x y' } });
    expect(stdout.trim().split('\n').sort()).toEqual(['A=1', 'B=x y']);
  });

  test('is looked up in the PATH of its own environment', async () => {
    await writeFile(join(cwd, 'tool'), '#!/bin/sh\necho found');
    await chmod(join(cwd, 'tool'), 0o755);
    expect((await run(['tool'], { env: { PATH: cwd } })).stdout).toBe('found\n');
    await expect(run(['ls'], { env: { PATH: cwd } })).rejects.toThrow(
      'No such file or directory (os error 2)',
    );
  });

  test('has a closed stdin', async () => {
    expect(await run(['cat'])).toMatchObject({ exitCode: 0, stdout: '' });
  });

  test('can open its output by name', async () => {
    expect(await shell('echo a > /dev/stdout; echo b > /dev/stderr; echo c | tee /dev/stderr')).toMatchObject(
      {
        exitCode: 0,
        stdout: 'a\nc\n',
        stderr: 'b\nc\n',
      },
    );
  });

  test('may close its output early and go on', async () => {
    expect(await shell('exec >&- 2>&-; sleep 0.2; exit 7')).toMatchObject({ exitCode: 7, aggregated: '' });
  });

  test('that a signal kills has a signal and no exit code', async () => {
    expect(await shell('echo before; kill -TERM $$')).toMatchObject({
      exitCode: null,
      signal: 'SIGTERM',
      timedOut: false,
      aborted: false,
      stdout: 'before\n',
    });
  });

  test('is not kept waiting for by a process that holds its output open', async () => {
    const { stdout, exitCode, durationNs } = await shell('sleep 60 & echo $!');
    const [pid = 0] = pidsIn(stdout);
    try {
      expect(exitCode).toBe(0);
      expect(Number(durationNs) / 1e6).toBeLessThan(2_000);
      expect(isAlive(pid)).toBe(true);
    } finally {
      process.kill(pid, 'SIGKILL');
    }
  });

  test.runIf(onLinux)('SEC-EXEC-2: sees no descriptor of this process but its stdio', async () => {
    const marker = join(cwd, 'secret-file');
    await writeFile(marker, '');
    const descriptor = openSync(marker, 'r');
    try {
      const { stdout } = await run(['ls', '-l', '/proc/self/fd']);
      expect(stdout).toContain('/dev/null');
      expect(stdout).not.toContain('secret-file');
    } finally {
      closeSync(descriptor);
    }
  });
});

describe('output', () => {
  test('of several megabytes is complete', async () => {
    const { stdout, stderr, exitCode } = await node(
      'process.stdout.write("x".repeat(5e6)); process.stderr.write("y".repeat(1e6))',
    );
    expect([exitCode, stdout.length, stderr.length]).toEqual([0, 5e6, 1e6]);
  });

  test('comes to the listener in order, in chunks of at most 8,192 bytes', async () => {
    const chunks: Buffer[] = [];
    const streams = new Set<string>();
    const { stdout } = await node('for (let i = 0; i < 20000; i++) console.log(i, "é")', {
      onOutput: (stream, chunk) => {
        streams.add(stream);
        chunks.push(Buffer.from(chunk));
      },
    });
    expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThanOrEqual(8192);
    expect(Buffer.concat(chunks).toString()).toBe(stdout);
    expect([...streams]).toEqual(['stdout']);
  });

  test('SEC-SLOW-4: past the limit keeps its ends, each stream for itself', async () => {
    const script = 'process.stdout.write("a".repeat(1e6) + "b"); process.stderr.write("short")';
    const result = await node(script, { maxBufferedBytes: 1000 });
    const cut = '\n[... 999001 of 1000001 bytes were not kept ...]\n';
    expect(result.stdout).toBe(`${'a'.repeat(500)}${cut}${'a'.repeat(499)}b`);
    expect(result.stderr).toBe('short');
    expect(result.aggregated).toContain(' of 1000006 bytes were not kept ');
  });

  test('that is not UTF-8 has U+FFFD in its place', async () => {
    const { stdout } = await run(['printf', 'a\\377b\\303\\251\\303']);
    expect(stdout).toBe('a\uFFFDbé\uFFFD');
  });

  test('for ever does not outlive the timeout', async () => {
    const result = await run(['yes'], { timeoutMs: 300, maxBufferedBytes: 1000 });
    expect(result).toMatchObject({ timedOut: true, signal: 'SIGKILL' });
    expect(result.stdout).toContain('bytes were not kept');
  });

  test('that the listener cannot take ends the command and is reported', async () => {
    const pids: number[] = [];
    const failing = shell('echo $$; sleep 60', {
      onOutput: (_stream, chunk) => {
        pids.push(...pidsIn(Buffer.from(chunk).toString()));
        throw new Error('listener failed');
      },
    });
    await expect(failing).rejects.toThrow('listener failed');
    expect(pids.filter(isAlive)).toEqual([]);
  });
});

/** Prints the pids of three generations that ignore SIGTERM and hold the output open. */
const STUBBORN = `trap "" TERM; echo $$; sh -c 'trap "" TERM; echo $$; sh -c "trap \\"\\" TERM; echo \\$\\$; sleep 60" & wait' & wait`;

/** Resolves once the three pids have been printed. */
function stubborn(options: Partial<CommandOptions>) {
  const pids = Promise.withResolvers<number[]>();
  let seen = '';
  const result = shell(STUBBORN, {
    ...options,
    onOutput: (_stream, chunk) => {
      seen += Buffer.from(chunk);
      if (pidsIn(seen).length === 3) pids.resolve(pidsIn(seen));
    },
  });
  return { pids: pids.promise, result };
}

describe('stopping', () => {
  test('SEC-EXEC-4: a timeout kills the whole process group', async () => {
    const { pids, result } = stubborn({ timeoutMs: 700 });
    const started = await pids;
    expect(await result).toMatchObject({ exitCode: null, signal: 'SIGKILL', timedOut: true, aborted: false });
    await vi.waitFor(() => expect(started.filter(isAlive)).toEqual([]));
  });

  test('an abort kills the whole process group and keeps the output so far', async () => {
    const controller = new AbortController();
    const { pids, result } = stubborn({ signal: controller.signal });
    const started = await pids;
    controller.abort();
    const { stdout, ...rest } = await result;
    expect(rest).toMatchObject({ exitCode: null, signal: 'SIGKILL', timedOut: false, aborted: true });
    expect(pidsIn(stdout)).toEqual(started);
    await vi.waitFor(() => expect(started.filter(isAlive)).toEqual([]));
  });

  test('a stopped process can be killed too', async () => {
    const result = await shell('kill -STOP $$', { timeoutMs: 300 });
    expect(result).toMatchObject({ timedOut: true, signal: 'SIGKILL' });
  });

  test('a process that left the group does not keep the caller waiting', async () => {
    const result = await shell('setsid sleep 60 & echo $!; wait', { timeoutMs: 300 });
    const [pid = 0] = pidsIn(result.stdout);
    try {
      expect(result.timedOut).toBe(true);
      expect(Number(result.durationNs) / 1e6).toBeLessThan(2_000);
    } finally {
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
  });

  test('an abort before the start starts nothing', async () => {
    const reason = new Error('not wanted any more');
    const signal = AbortSignal.abort(reason);
    await expect(shell('touch started', { signal })).rejects.toBe(reason);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('an abort after the end changes nothing', async () => {
    const controller = new AbortController();
    const result = await shell('exit 0', { signal: controller.signal });
    controller.abort();
    expect(result).toMatchObject({ exitCode: 0, aborted: false });
  });

  test('a timeout beyond what timers can hold is no timeout', async () => {
    expect(await shell('exit 0', { timeoutMs: 1e15 })).toMatchObject({ exitCode: 0, timedOut: false });
  });
});

describe('a command that cannot start', () => {
  const missing = 'No such file or directory (os error 2)';
  const denied = 'Permission denied (os error 13)';
  test.each<[string, string[], Partial<CommandOptions>, string, string]>([
    ['a missing program', ['/nonexistent'], {}, 'ENOENT', missing],
    ['a program that is not in the PATH', ['no-such-program'], {}, 'ENOENT', missing],
    ['an empty program name', [''], {}, 'ENOENT', missing],
    ['a missing working directory', ['pwd'], { cwd: '/nonexistent' }, 'ENOENT', missing],
    ['a folder as the program', ['/'], {}, 'EACCES', denied],
    ['a file that is not executable', ['/etc/passwd'], {}, 'EACCES', denied],
    ['a file as a folder', ['/dev/null/x'], {}, 'ENOTDIR', 'Not a directory (os error 20)'],
    [
      'a file as the working directory',
      ['pwd'],
      { cwd: '/etc/passwd' },
      'ENOTDIR',
      'Not a directory (os error 20)',
    ],
    ['too long an argument', ['echo', 'x'.repeat(3e6)], {}, 'E2BIG', 'Argument list too long (os error 7)'],
    ['a NUL byte in an argument', ['echo', 'a\0b'], {}, 'EINVAL', 'nul byte found in provided data'],
    [
      'a NUL byte in the environment',
      ['echo'],
      { env: { A: '\0' } },
      'EINVAL',
      'nul byte found in provided data',
    ],
  ])('%s is a spawn error', async (_name, command, options, code, message) => {
    const error = await run(command, options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SpawnError);
    expect(error).toMatchObject({ code, message });
  });

  test('an empty argv is an error of its own', async () => {
    const error = await run([]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EmptyCommandError);
    expect(error).toMatchObject({ message: 'command args are empty' });
  });
});

describe.runIf(onLinux)('after many commands', () => {
  const descriptors = () => readdirSync('/proc/self/fd').length;
  const zombies = () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        try {
          return readFileSync(`/proc/${pid}/stat`, 'utf8');
        } catch {
          return '';
        }
      })
      .filter((stat) => stat.includes(`) Z ${process.pid} `));

  test('SEC-EXEC-5: no descriptor and no zombie is left, whatever became of them', async () => {
    const round = () =>
      Promise.all([
        shell('echo hi'),
        shell('kill -9 $$'),
        run(['/nonexistent']).catch(() => undefined),
        run(['sleep', '60'], { timeoutMs: 20 }),
        shell('sleep 0.8 & exit 0'),
      ]);
    await round();
    await vi.waitFor(() => expect(zombies()).toEqual([]));
    const before = descriptors();
    for (let index = 0; index < 3; index++) await round();
    await vi.waitFor(() => expect(zombies()).toEqual([]));
    await vi.waitFor(() => expect(Math.abs(descriptors() - before)).toBeLessThanOrEqual(2));
  });
});
