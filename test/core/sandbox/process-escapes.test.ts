import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runConfined, shell, withoutBubblewrap } from './confined.ts';
import { createScene } from './scene.ts';

describe.skipIf(withoutBubblewrap)('/proc', () => {
  test('shows no process from outside', async () => {
    const scene = createScene();
    const { stdout } = await runConfined(
      scene,
      ['sh', '-c', 'ls -d /proc/[0-9]*; cat /proc/[0-9]*/environ'],
      {
        env: { MARK: 'inside' },
      },
    );
    expect(stdout.match(/\/proc\/\d+$/gm)?.length).toBeLessThanOrEqual(4);
    expect(stdout).not.toContain('VITEST');
  });

  test.each(['/proc/1/root', '/proc/self/root', '/proc/1/cwd/../../..', '/proc/self/task/self/root'])(
    '%s leads to no writable file system',
    async (root) => {
      const scene = createScene();
      const [exitCode] = await shell(scene, `echo x > ${root}${scene.outside}/x`);
      expect(exitCode).toBe(2);
      expect(readdirSync(scene.outside)).toEqual([]);
    },
  );

  test('settings of the kernel cannot be written', async () => {
    const scene = createScene();
    const setting = '/proc/sys/kernel/core_pattern';
    const before = readFileSync(setting, 'utf8');
    const [exitCode] = await shell(scene, `cat ${setting} > same && cat same > ${setting}`);
    expect(exitCode).not.toBe(0);
    expect(scene.read('workspace/same')).toBe(before);
  });
});

describe.skipIf(withoutBubblewrap)('privileges', () => {
  test('mounts cannot be changed', async () => {
    const scene = createScene();
    for (const script of [
      'mount -o remount,rw /',
      'mount -o remount,bind,rw /',
      `mount --bind ${scene.outside} .`,
      'mount -t tmpfs none .',
      'umount .',
    ]) {
      expect((await shell(scene, script))[0], script).not.toBe(0);
    }
  });

  test('no capability is left, not even for root', async () => {
    const { stdout } = await runConfined(createScene(), ['grep', '^Cap', '/proc/self/status']);
    expect(new Set(stdout.match(/[0-9a-f]{16}/g))).toEqual(new Set(['0000000000000000']));
  });

  test.each([
    ['unshare', '--user', 'true'],
    ['unshare', '--map-root-user', '--mount', 'true'],
    ['bwrap', '--unshare-user', '--bind', '/', '/', 'true'],
  ])('%s %s opens no new user namespace', async (...command) => {
    const { outcome, stderr } = await runConfined(createScene(), command);
    expect(outcome).toMatchObject({ kind: 'exited', exitCode: 1, denied: true });
    expect(stderr).toMatch(/Operation not permitted|No permissions to creat/);
  });

  test('processes outside cannot be signalled', async () => {
    const [exitCode, stderr] = await shell(createScene(), `kill -0 ${process.pid}`);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('No such process')]);
  });

  test('only the standard descriptors are inherited', async () => {
    const scene = createScene();
    const list = ['sh', '-c', 'ls /proc/self/fd'];
    const plain = await runConfined(scene, list, { policy: { mode: 'danger-full-access' } });
    const confined = await runConfined(scene, list);
    expect(confined.stdout).toBe(plain.stdout);
  });

  test('no process outlives an aborted command, not even one that left its group', async () => {
    const mark = `${process.pid}.${Date.now()}`;
    const script = `setsid sleep 1${mark} & echo started; exec sleep 2${mark}`;
    const abort = new AbortController();
    const started = Promise.withResolvers<void>();
    const run = runConfined(createScene(), ['sh', '-c', script], {
      signal: abort.signal,
      onOutput: () => started.resolve(),
    });
    await started.promise;
    expect(commandLinesWith(mark).length).toBeGreaterThan(0);
    abort.abort();
    expect((await run).outcome).toEqual({ kind: 'signalled', signal: 'SIGKILL' });
    await expect.poll(() => commandLinesWith(mark)).toEqual([]);
  });
});

function commandLinesWith(mark: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(join('/proc', pid, 'cmdline'), 'utf8');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(mark));
}
