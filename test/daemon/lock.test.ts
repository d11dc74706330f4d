import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { acquireLock } from '../../src/daemon/lock.ts';
import { acquirePidLock, holdsPidLock } from '../../src/daemon/pid-lock.ts';
import { temporaryFolder } from './temporary-folder.ts';

const HOLDER = join(import.meta.dirname, 'hold-lock.ts');

interface Contender {
  readonly child: ChildProcess;
  /** `kernel`, `pid file` or `held`. */
  readonly outcome: Promise<string>;
}

function contend(folder: string, path = process.env.PATH): Contender {
  const env = { ...process.env, PATH: path };
  const child = spawn(process.execPath, [HOLDER, folder], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const outcome = new Promise<string>((resolve) => {
    child.stdout.once('data', (data) => resolve(String(data).trim()));
  });
  return { child, outcome };
}

async function kill({ child }: Contender): Promise<void> {
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** A search path with these programs alone. */
function pathWith(...programs: string[]): string {
  const folder = temporaryFolder();
  for (const program of programs) {
    const real = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
    symlinkSync(real, join(folder, program));
  }
  return folder;
}

async function race(folder: string, count: number, path?: string): Promise<string[]> {
  const contenders = Array.from({ length: count }, () => contend(folder, path));
  return (await Promise.all(contenders.map(({ outcome }) => outcome))).sort();
}

describe('REL-MP-2: the instance lock', () => {
  test.each([
    ['flock', 'kernel'],
    ['perl', 'kernel'],
    [undefined, 'pid file'],
  ])('with only %s at hand is a %s lock, exclusive, and free again after kill -9', async (program, kind) => {
    const folder = temporaryFolder();
    const path = program === undefined ? pathWith() : pathWith(program);
    const first = contend(folder, path);
    expect(await first.outcome).toBe(kind);
    expect(await contend(folder, path).outcome).toBe('held');
    await kill(first);
    expect(await contend(folder, path).outcome).toBe(kind);
    expect(existsSync(join(folder, 'daemon.lock'))).toBe(true);
  });

  test('taken by one helper is seen by another', async () => {
    const folder = temporaryFolder();
    expect(await contend(folder, pathWith('perl')).outcome).toBe('kernel');
    expect(await contend(folder, pathWith('flock')).outcome).toBe('held');
  });

  test('can be taken again after release', async () => {
    const folder = temporaryFolder();
    const lock = await acquireLock(folder);
    expect(await acquireLock(folder)).toBeUndefined();
    lock?.release();
    const again = await acquireLock(folder);
    expect(again?.kind).toBe('kernel');
    again?.release();
  });

  test('is not taken through a symbolic link or a file that others can open', async () => {
    const folder = temporaryFolder();
    symlinkSync(join(folder, 'elsewhere'), join(folder, 'daemon.lock'));
    await expect(acquireLock(folder)).rejects.toThrow('Cannot open the lock file');
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
    const open = temporaryFolder();
    writeFileSync(join(open, 'daemon.lock'), '', { mode: 0o644 });
    await expect(acquireLock(open)).rejects.toThrow('chmod 600');
  });
});

describe('the pid file lock', () => {
  test('goes to exactly one of 8 at once, also over a dead holder', async () => {
    const folder = temporaryFolder();
    const dead = { pid: 2 ** 22 + 1, startTicks: 1, bootId: 'before' };
    writeFileSync(join(folder, 'daemon.pid.7'), JSON.stringify(dead), { mode: 0o600 });
    const outcomes = await race(folder, 8, pathWith());
    expect(outcomes).toEqual([...Array(7).fill('held'), 'pid file']);
    expect(readdirSync(folder).sort()).toEqual(['daemon.lock', 'daemon.pid.8']);
  });

  test('is not held by a process that merely got the same pid', async () => {
    const folder = temporaryFolder();
    const recycled = { pid: process.ppid, startTicks: 1, bootId: null };
    writeFileSync(join(folder, 'daemon.pid.1'), JSON.stringify(recycled), { mode: 0o600 });
    const lock = await acquirePidLock(folder);
    expect(lock?.kind).toBe('pid file');
    expect(holdsPidLock(folder, process.pid)).toBe(true);
    lock?.release();
    expect(holdsPidLock(folder, process.pid)).toBe(false);
  });
});
