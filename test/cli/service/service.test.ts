import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../daemon/temporary-folder.ts';
import { runCli } from '../command-line.ts';

function user() {
  const folder = temporaryFolder();
  const env = { HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config'), XDG_RUNTIME_DIR: undefined };
  const service = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    runCli(['service', ...args], {
      home: folder,
      env: { ...env, DBUS_SESSION_BUS_ADDRESS: undefined, ...more },
    });
  return { folder, config: env.XDG_CONFIG_HOME, service };
}

describe('codexd service', () => {
  test('install --dry-run prints the unit and writes nothing', async () => {
    const { folder, config, service } = user();
    const line = ['--', '--port', '0'];
    const [text, json] = await Promise.all([
      service(['install', '--dry-run', ...line]),
      service(['install', '--dry-run', '--json', ...line]),
    ]);
    expect(text).toMatchObject({ code: 0, stderr: '' });
    expect(text.stdout).toMatch(/^ExecStart=".*stub-cli.ts" "serve" "--user-umask" "\d{4}" "--port" "0"$/m);
    expect(text.stdout).toContain(`Environment="CODEX_HOME=${folder}"`);
    expect(JSON.parse(json.stdout)).toMatchObject({
      manager: 'systemd',
      name: expect.stringMatching(/^codexd-[0-9a-f]{8}$/),
      text: `${text.stdout}`,
    });
    expect([existsSync(config), existsSync(path.join(folder, 'codexd'))]).toEqual([false, false]);
  });

  test('the service of the default home has the plain name', async () => {
    const { folder, service } = user();
    mkdirSync(path.join(folder, '.codex'));
    const { stdout } = await service(['install', '--dry-run', '--json'], { CODEX_HOME: undefined });
    expect(JSON.parse(stdout)).toMatchObject({ name: 'codexd' });
  });

  test('takes what it needs from the environment, no credential unless it is named', async () => {
    const { service } = user();
    const env = { CODEXD_TOKEN: 'a-token-of-my-own-0123456789', MY_KEY: 'k', HTTPS_PROXY: 'http://proxy:1' };
    const { stdout } = await service(['install', '--dry-run'], env);
    expect(stdout).toContain('Environment="HTTPS_PROXY=http://proxy:1"');
    expect(stdout).not.toMatch(/CODEXD_TOKEN|MY_KEY/);
    const named = await service(['install', '--dry-run', '--env', 'MY_KEY'], env);
    expect(named.stdout).toContain('Environment="MY_KEY=k"');
    expect(await service(['install', '--dry-run', '--env', 'NONE'])).toMatchObject({ code: 1 });
    expect(await service(['install', '--dry-run', '--env', 'A=b'])).toMatchObject({ code: 2 });
  });

  test.each([
    [['--prot', '1'], /Did you mean --port/],
    [['--host', '0.0.0.0'], /ssh -N -L/],
    [['-c', 'nothing'], /-c/],
  ])('refuses %j, which serve would refuse at every start', async (flags, message) => {
    const { service } = user();
    const { code, stdout, stderr } = await service(['install', '--dry-run', '--', ...flags]);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  });

  test('gives the daemon longer to stop than its turns have', async () => {
    const { service } = user();
    const { stdout } = await service(['install', '--dry-run', '--', '-c', 'server.drain_seconds=100']);
    expect(stdout).toContain('\nTimeoutStopSec=115\n');
  });

  test('says what to do where there is no service manager', async () => {
    const { folder, service } = user();
    for (const part of ['install', 'status']) {
      const { code, stdout, stderr } = await service([part], { PATH: folder });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/neither systemd nor launchd.*codexd serve/);
    }
    expect(existsSync(path.join(folder, 'config'))).toBe(false);
  });
});
