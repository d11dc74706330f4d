import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../daemon/temporary-folder.ts';
import { runCli, startDaemon } from './command-line.ts';

const TOKEN = 'a-token-of-my-own-0123456789-abcdef';

async function killedDaemon(home: string) {
  const daemon = await startDaemon(home);
  daemon.child.kill('SIGKILL');
  await daemon.finished;
  return daemon;
}

describe('with a running daemon', () => {
  test('url, token and status tell what a client needs, as text and as JSON', async () => {
    const home = temporaryFolder();
    const { info } = await startDaemon(home);
    const token = readFileSync(info.tokenPath, 'utf8');
    const run = (...args: string[]) => runCli(args, { home });
    const [url, urlJson, tokenText, tokenJson, status, statusJson] = await Promise.all([
      run('url'),
      run('url', '--json'),
      run('token'),
      run('token', '--json'),
      run('status'),
      run('status', '--json'),
    ]);
    expect(url).toMatchObject({ code: 0, stdout: `${info.url}\n`, stderr: '' });
    expect(JSON.parse(urlJson.stdout)).toEqual({ url: info.url, socket: info.socket });
    expect(tokenText).toMatchObject({ code: 0, stdout: `${token}\n`, stderr: '' });
    expect(JSON.parse(tokenJson.stdout)).toEqual({ token, tokenPath: info.tokenPath });
    expect(status).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`codexd is running on ${info.url}\n`),
    });
    expect(status.stdout).not.toContain(token);
    expect(JSON.parse(statusJson.stdout)).toEqual({
      state: 'running',
      healthy: true,
      lock: 'kernel',
      ...info,
    });
  });

  test('token prints the one that CODEXD_TOKEN gave to the daemon', async () => {
    const home = temporaryFolder();
    await startDaemon(home, [], { CODEXD_TOKEN: TOKEN });
    expect(await runCli(['token'], { home })).toMatchObject({ code: 0, stdout: `${TOKEN}\n` });
  });

  test('token refuses a file that other users can read and names the remedy', async () => {
    const home = temporaryFolder();
    const { info } = await startDaemon(home);
    chmodSync(info.tokenPath, 0o644);
    const { code, stdout, stderr } = await runCli(['token'], { home });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`has mode 0644 and is open to other users. Run: chmod 600 '${info.tokenPath}'`);
  });

  test('stop waits until the daemon is gone', async () => {
    const home = temporaryFolder();
    const daemon = await startDaemon(home);
    const { code, stdout } = await runCli(['stop', '--json'], { home });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ stopped: true, pid: daemon.info.pid, url: daemon.info.url });
    expect((await daemon.finished).code).toBe(0);
    expect(existsSync(join(home, 'codexd', 'daemon.json'))).toBe(false);
  });

  test('stop refuses when CODEXD_URL names another daemon', async () => {
    const home = temporaryFolder();
    const { child } = await startDaemon(home);
    const env = { CODEXD_URL: 'http://127.0.0.1:1' };
    const { code, stderr } = await runCli(['stop'], { home, env });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('CODEXD_URL names http://127.0.0.1:1'),
    });
    expect(child.exitCode).toBeNull();
  });
});

describe('without a daemon', () => {
  test('every command exits 1 with a sentence on stderr and makes nothing', async () => {
    const home = temporaryFolder();
    const finished = await Promise.all(['url', 'token', 'stop'].map((name) => runCli([name], { home })));
    for (const { code, stdout, stderr } of finished) {
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^error: .+\.?\n$/);
    }
    const status = await runCli(['status', '--json'], { home });
    expect(status.code).toBe(1);
    expect(JSON.parse(status.stdout)).toEqual({ state: 'stopped', healthy: false });
    expect(existsSync(join(home, 'codexd'))).toBe(false);
  });

  test('SEC-DISC-1: after kill -9 they say that the recorded process is gone, and token gives the kept one', async () => {
    const home = temporaryFolder();
    const { info } = await killedDaemon(home);
    const run = (name: string) => runCli([name], { home });
    const [url, stop, status, token] = await Promise.all([
      run('url'),
      run('stop'),
      run('status'),
      run('token'),
    ]);
    for (const { code, stdout, stderr } of [url, stop, status]) {
      expect(code).toBe(1);
      expect(`${stdout}${stderr}`).toContain(`process ${info.pid}, which listened on ${info.url}, is gone`);
    }
    expect(token).toMatchObject({ code: 0, stdout: `${readFileSync(info.tokenPath, 'utf8')}\n` });
    expect(token.stderr).toContain('codexd is not running');
  });

  test('CODEXD_URL and CODEXD_TOKEN stand in for what the home does not say', async () => {
    const other = await startDaemon(temporaryFolder());
    const home = temporaryFolder();
    const env = { CODEXD_URL: `${other.info.url}/`, CODEXD_TOKEN: TOKEN };
    const [url, token, status] = await Promise.all([
      runCli(['url'], { home, env }),
      runCli(['token'], { home, env }),
      runCli(['status', '--json'], { home, env }),
    ]);
    expect(url).toMatchObject({ code: 0, stdout: `${other.info.url}\n` });
    expect(token).toMatchObject({ code: 0, stdout: `${TOKEN}\n`, stderr: '' });
    expect(JSON.parse(status.stdout)).toEqual({ state: 'running', url: other.info.url, healthy: true });
  });

  test.each(['ftp://127.0.0.1', 'nonsense', 'http://user:pass@127.0.0.1:1'])(
    'refuses CODEXD_URL=%s',
    async (value) => {
      const { code, stderr } = await runCli(['url'], { home: temporaryFolder(), env: { CODEXD_URL: value } });
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('CODEXD_URL must be') });
    },
  );
});
