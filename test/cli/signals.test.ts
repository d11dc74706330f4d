import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../daemon/temporary-folder.ts';
import { ask, startDaemon } from './command-line.ts';

const server = (home: string, lines: string) =>
  writeFileSync(join(home, 'config.toml'), `[server]\n${lines}\n`);

describe('REL-SIG-3: SIGHUP', () => {
  test('has the settings read again, and those in force that can be; the rest waits for the next start', async () => {
    const home = temporaryFolder();
    server(home, 'log_level = "info"');
    const daemon = await startDaemon(home);
    server(home, 'log_level = "debug"\ndrain_seconds = 0.3\nsocket = false');
    daemon.child.kill('SIGHUP');
    await daemon.logged('"nextStart":["socket"],"msg":"the settings were read again"');
    daemon.child.kill('SIGWINCH');
    await daemon.logged('"signal":"SIGWINCH"');
    expect(await ask(daemon.info, '/healthz')).toEqual({ status: 'ok' });
    await ask(daemon.info, '/never-drain');
    const start = performance.now();
    daemon.child.kill('SIGTERM');
    expect((await daemon.finished).code).toBe(0);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  test('keeps the settings of before when those of the file cannot be used', async () => {
    const home = temporaryFolder();
    server(home, 'log_level = "debug"');
    const daemon = await startDaemon(home);
    for (const broken of ['log_level = "loud"', 'log_level = ']) {
      server(home, broken);
      daemon.child.kill('SIGHUP');
      await daemon.logged('those of before stay in force');
    }
    daemon.child.kill('SIGWINCH');
    await daemon.logged('"signal":"SIGWINCH"');
    expect(await ask(daemon.info, '/healthz')).toEqual({ status: 'ok' });
  });

  test('does not beat a flag', async () => {
    const home = temporaryFolder();
    const daemon = await startDaemon(home, ['--log-level', 'info']);
    server(home, 'log_level = "fatal"');
    daemon.child.kill('SIGHUP');
    await daemon.logged('the settings were read again');
    daemon.child.kill('SIGHUP');
    await daemon.logged('"changed":[]');
  });
});

test('REL-SIG-4: SIGUSR2 writes down how the daemon is, for its owner alone and without secrets', async () => {
  const home = temporaryFolder();
  const daemon = await startDaemon(home);
  daemon.child.kill('SIGUSR2');
  await daemon.logged('wrote down how the daemon is');
  const path = join(home, 'codexd', 'diagnostics.json');
  const text = readFileSync(path, 'utf8');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(JSON.parse(text)).toMatchObject({ pid: daemon.child.pid, daemon: { note: 'sent [redacted]' } });
  expect(text).not.toContain(readFileSync(daemon.info.tokenPath, 'utf8').trim());
});
