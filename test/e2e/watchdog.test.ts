import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { textAnswer } from '../../src/demo/responses.ts';
import { createPlace } from '../support/daemon-process.ts';
import { systemProcesses } from '../support/system-processes.ts';

const watchdogOf = (pid: number | undefined) =>
  systemProcesses().find(({ parent, command }) => parent === pid && command.includes('codexd-watchdog'));

/** Nobody waits for the end of an orphan but the system, which takes its time. */
const isAlive = (wanted: number | undefined): boolean =>
  systemProcesses().some(({ pid, state }) => pid === wanted && state !== 'Z');

/** Kibibytes that no other process shares. */
const privateMemory = (pid: number): number =>
  readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Private_'))
    .reduce((sum, line) => sum + Number(/\d+/.exec(line)), 0);

describe('REL-ST-1: a daemon that stands still for five seconds', () => {
  test('REL-TIME-3: is told of by its watchdog, which is small and ends with it', {
    timeout: 20_000,
  }, async () => {
    const place = await createPlace(() => textAnswer('hello'));
    const daemon = await place.start();
    const watchdog = watchdogOf(daemon.child.pid);
    expect(privateMemory(watchdog?.pid ?? 0)).toBeLessThan(2_048);
    daemon.child.kill('SIGSTOP');
    await expect.poll(() => daemon.stderr(), { timeout: 10_000 }).toContain('has stood still for 5 s');
    daemon.child.kill('SIGCONT');
    const since = performance.now();
    await daemon.get('/v1/user-agent');
    expect(performance.now() - since).toBeLessThan(1_000);
    await expect.poll(() => daemon.stderr(), { timeout: 5_000 }).toContain('"the event loop stood still"');
    await daemon.kill('SIGKILL');
    await expect.poll(() => isAlive(watchdog?.pid), { timeout: 3_000 }).toBe(false);
  });

  test('keeps no watchdog after a clean stop', async () => {
    const place = await createPlace(() => textAnswer('hello'));
    const daemon = await place.start();
    const watchdog = watchdogOf(daemon.child.pid);
    expect(watchdog).toBeDefined();
    expect(await daemon.kill('SIGTERM')).toBe(0);
    await expect.poll(() => isAlive(watchdog?.pid)).toBe(false);
  });
});
