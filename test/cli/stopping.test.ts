import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../daemon/temporary-folder.ts';
import { ask, startCli, startDaemon } from './command-line.ts';

const files = (home: string) =>
  ['daemon.json', 'codexd.sock'].filter((name) => existsSync(join(home, 'codexd', name)));

describe('stopping the daemon', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    'REL-SIG-1: %s drains an idle daemon at once: exit code 0',
    async (signal) => {
      const home = temporaryFolder();
      const daemon = await startDaemon(home);
      const start = performance.now();
      daemon.child.kill(signal);
      expect(await daemon.finished).toMatchObject({ code: 0, signal: null });
      expect(performance.now() - start).toBeLessThan(1_500);
      expect(files(home)).toEqual([]);
    },
  );

  test('REL-SIG-1: a running turn gets the drain deadline', async () => {
    const daemon = await startDaemon(temporaryFolder(), ['-c', 'server.drain_seconds=0.4']);
    await ask(daemon.info, '/never-drain');
    const start = performance.now();
    daemon.child.kill('SIGTERM');
    expect((await daemon.finished).code).toBe(0);
    expect(performance.now() - start).toBeGreaterThanOrEqual(400);
  });

  test.each([
    ['SIGTERM', 'SIGTERM', 143],
    ['SIGTERM', 'SIGINT', 130],
    ['SIGINT', 'SIGINT', 130],
  ] as const)('REL-SIG-2: %s and then %s stops at once with exit code %i', async (first, second, code) => {
    const home = temporaryFolder();
    const daemon = await startDaemon(home);
    await ask(daemon.info, '/never-drain');
    daemon.child.kill(first);
    await daemon.logged('draining');
    daemon.child.kill(second);
    expect(await daemon.finished).toMatchObject({ code, signal: null });
    expect(files(home)).toEqual([]);
  });

  test('a second signal during the start ends it', async () => {
    const home = temporaryFolder();
    const daemon = startCli(['serve', '--port', '0', '--log-level', 'debug'], {
      home,
      env: { STUB_START_MS: '30000' },
    });
    await daemon.logged('starting');
    daemon.child.kill('SIGTERM');
    await daemon.logged('"signal":"SIGTERM"');
    daemon.child.kill('SIGTERM');
    expect((await daemon.finished).code).toBe(143);
  });

  test('REL-SIG-4: SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2 and SIGWINCH change nothing and open no inspector', async () => {
    const daemon = await startDaemon(temporaryFolder(), ['--log-level', 'debug']);
    for (const signal of ['SIGHUP', 'SIGPIPE', 'SIGUSR1', 'SIGUSR2', 'SIGWINCH'] as const) {
      daemon.child.kill(signal);
      await daemon.logged(`"signal":"${signal}"`);
    }
    expect(await ask(daemon.info, '/healthz')).toEqual({ status: 'ok' });
    daemon.child.kill('SIGTERM');
    const { code, stderr } = await daemon.finished;
    expect(code).toBe(0);
    expect(stderr).not.toContain('Debugger listening');
  });

  test.each(['/crash', '/reject'])(
    'REL-SIG-5: an error that nobody caught (%s) is logged and ends with exit code 1',
    async (route) => {
      const home = temporaryFolder();
      const daemon = await startDaemon(home);
      await ask(daemon.info, route);
      const { code, stderr } = await daemon.finished;
      expect(code).toBe(1);
      expect(stderr).toContain('a stub that breaks');
      expect(files(home)).toEqual([]);
    },
  );

  test('REL-DISK-3: a reader of stderr that goes away does not end the daemon', async () => {
    const daemon = await startDaemon(temporaryFolder());
    daemon.child.stderr?.destroy();
    await ask(daemon.info, '/flood');
    expect(await ask(daemon.info, '/healthz')).toEqual({ status: 'ok' });
    daemon.child.kill('SIGTERM');
    expect((await daemon.finished).code).toBe(0);
  });

  test('REL-DISK-3: a reader of stderr that stalls holds up neither requests nor the end', async () => {
    const home = temporaryFolder();
    const daemon = startCli(['serve', '--port', '0'], { home, stalledStderr: true });
    const url = (await daemon.ready).replace('codexd listening on ', '');
    await fetch(`${url}/flood`);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    daemon.child.kill('SIGTERM');
    expect((await daemon.finished).code).toBe(0);
  });
});
