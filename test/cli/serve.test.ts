import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../daemon/temporary-folder.ts';
import { ask, readInfo, runCli, startCli, startDaemon } from './command-line.ts';

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describe('codexd serve', () => {
  test('prints one line on stdout when it accepts requests, and then has daemon.json in place', async () => {
    const home = temporaryFolder();
    const daemon = await startDaemon(home);
    const { info } = daemon;
    expect(await daemon.ready).toBe(`codexd listening on ${info.url}`);
    expect(await ask(info, '/healthz')).toEqual({ status: 'ok' });
    expect(Object.keys(info).sort()).toEqual(
      ['pid', 'protocolVersions', 'socket', 'startedAt', 'tokenPath', 'url', 'version'].sort(),
    );
    expect(info).toMatchObject({
      pid: daemon.child.pid,
      protocolVersions: ['v1'],
      socket: join(home, 'codexd', 'codexd.sock'),
      tokenPath: join(home, 'codexd', 'token'),
    });
    expect(Math.abs(Date.parse(info.startedAt) - Date.now())).toBeLessThan(20_000);
    daemon.child.kill('SIGTERM');
    const { code, stdout } = await daemon.finished;
    expect({ code, lines: stdout.split('\n').length }).toEqual({ code: 0, lines: 2 });
  });

  test('SEC-FS-1: keeps its folder and files to the user', async () => {
    const home = temporaryFolder();
    const { info } = await startDaemon(home);
    const folder = join(home, 'codexd');
    expect(mode(folder)).toBe('700');
    for (const name of ['daemon.json', 'daemon.lock', 'token']) {
      expect([name, mode(join(folder, name))]).toEqual([name, '600']);
    }
    expect(await ask(info, '/options')).toMatchObject({ umask: 0o077, userUmask: process.umask() });
  });

  test('keeps the token between runs and puts a given one beside it', async () => {
    const home = temporaryFolder();
    const first = await startDaemon(home);
    const kept = readFileSync(first.info.tokenPath, 'utf8');
    expect(kept).toMatch(/^cdx_[A-Za-z0-9_-]{43}$/);
    first.child.kill('SIGTERM');
    await first.finished;

    const given = 'a-token-of-my-own-0123456789-abcdef';
    const second = await startDaemon(home, [], { CODEXD_TOKEN: `${given}\n` });
    expect(await ask(second.info, '/options')).toMatchObject({ token: given });
    expect(readFileSync(second.info.tokenPath, 'utf8')).toBe(given);
    expect(await ask<string[]>(second.info, '/environment')).not.toContain('CODEXD_TOKEN');
    second.child.kill('SIGTERM');
    await second.finished;
    expect(existsSync(second.info.tokenPath)).toBe(false);

    const third = await startDaemon(home);
    expect(readFileSync(third.info.tokenPath, 'utf8')).toBe(kept);
  });

  test('hands its flags to the daemon', async () => {
    const home = temporaryFolder();
    const args = [
      '--host',
      'localhost',
      '-c',
      'model=o3',
      '-c',
      'a.b=[1]',
      '--profile',
      'fast',
      '--demo',
      '--no-socket',
    ];
    const { info } = await startDaemon(home, args);
    expect(await ask(info, '/options')).toMatchObject({
      codexHome: home,
      processCwd: process.cwd(),
      host: '127.0.0.1',
      port: 0,
      cliOverrides: [
        ['model', 'o3'],
        ['a.b', [1]],
      ],
      profile: 'fast',
      demo: true,
    });
    expect(info.socket).toBeNull();
  });

  test('gives commands the umask that --user-umask says, which a service manager has another one for', async () => {
    const { info } = await startDaemon(temporaryFolder(), ['--user-umask', '0027']);
    expect(await ask(info, '/options')).toMatchObject({ umask: 0o077, userUmask: 0o027 });
  });

  test('tells where it listens as JSON with --json', async () => {
    const home = temporaryFolder();
    const daemon = await startDaemon(home, ['--json']);
    expect(JSON.parse(await daemon.ready)).toEqual(daemon.info);
  });

  test('listens on the socket that --socket names', async () => {
    const folder = temporaryFolder();
    const { info } = await startDaemon(temporaryFolder(), ['--socket', join(folder, 'own', 's.sock')]);
    expect(info.socket).toBe(join(folder, 'own', 's.sock'));
    expect(statSync(join(folder, 'own', 's.sock')).isSocket()).toBe(true);
  });

  test('SEC-SOCK-1: moves the default socket to XDG_RUNTIME_DIR when its path would be too long', async () => {
    const home = join(temporaryFolder(), 'h'.repeat(100));
    mkdirSync(home);
    const runtime = temporaryFolder();
    const refused = await runCli(['serve', '--port', '0'], { home, env: { XDG_RUNTIME_DIR: undefined } });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--socket PATH') });
    const { info } = await startDaemon(home, [], { XDG_RUNTIME_DIR: runtime });
    const hash = createHash('sha256').update(home).digest('hex').slice(0, 16);
    expect(info.socket).toBe(join(runtime, 'codexd', `${hash}.sock`));
    expect(mode(join(runtime, 'codexd'))).toBe('700');
  });

  test('makes the default home when there is none', async () => {
    const user = temporaryFolder();
    const daemon = startCli(['serve', '--port', '0'], { home: '', env: { HOME: user } });
    await daemon.ready;
    expect(mode(join(user, '.codex'))).toBe('700');
    expect(readInfo(join(user, '.codex')).pid).toBe(daemon.child.pid);
  });

  test.each([
    ['CODEX_HOME', { CODEX_HOME: '/nowhere/at/all' }, /there is no such folder/],
    ['CODEXD_TOKEN', { CODEXD_TOKEN: '' }, /CODEXD_TOKEN is empty/],
  ])('refuses a wrong %s of %j with exit code 1', async (_, env, message) => {
    const { code, stdout, stderr } = await runCli(['serve', '--port', '0'], { home: temporaryFolder(), env });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });

  test('says where a broken config.toml is broken, without quoting it', async () => {
    const home = temporaryFolder();
    writeFileSync(join(home, 'config.toml'), 'model = "x"\nsecret = = "hunter2hunter2"\n');
    const { code, stderr } = await runCli(['serve', '--port', '0'], { home });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/line 2, column 10 of .*config\.toml/),
    });
    expect(stderr).not.toContain('hunter2');
  });

  test('SEC-DISC-1: shows the documented curl line in its start banner', async () => {
    const daemon = await startDaemon(temporaryFolder(), ['--log-format', 'pretty']);
    await daemon.logged('curl -H "Authorization: Bearer $(codexd token)" $(codexd url)/v1/user-agent\n');
  });

  test('SEC-RED-1: never logs the token', async () => {
    const daemon = await startDaemon(temporaryFolder());
    await ask(daemon.info, '/log-token');
    await daemon.logged('forced');
    daemon.child.kill('SIGTERM');
    const { stderr } = await daemon.finished;
    const record = stderr.split('\n').find((line) => line.includes('forced')) ?? '';
    expect(JSON.parse(record)).toMatchObject({ note: 'sent [redacted]', token: '[redacted]' });
    expect(stderr).not.toContain(readFileSync(daemon.info.tokenPath, 'utf8'));
  });

  test('SEC-EXEC-2: leaves no descriptor of its own to its children', async () => {
    const { info } = await startDaemon(temporaryFolder());
    const descriptors = await ask<string[]>(info, '/child-descriptors');
    expect(descriptors.join('\n')).not.toContain('codexd');
  });
});

describe('one daemon per home', () => {
  test('a second serve says where the first one listens and exits 1', async () => {
    const home = temporaryFolder();
    const { info } = await startDaemon(home);
    const { code, stdout, stderr } = await runCli(['serve', '--port', '0'], { home });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(info.url);
    expect(readInfo(home)).toEqual(info);
  });

  test('REL-MP-1: 20 starts at once leave exactly one, and every other names it', {
    timeout: 60_000,
  }, async () => {
    const home = temporaryFolder();
    const starts = Array.from({ length: 20 }, () => startCli(['serve', '--port', '0'], { home }));
    const winner = await Promise.any(starts.map((start) => start.ready.then(() => start)));
    const losers = await Promise.all(
      starts.filter((start) => start !== winner).map((start) => start.finished),
    );
    const { pid, url } = readInfo(home);
    expect(pid).toBe(winner.child.pid);
    expect(losers.map(({ code }) => code)).toEqual(Array(19).fill(1));
    expect(losers.filter(({ stderr }) => !stderr.includes(url))).toEqual([]);
    expect(winner.child.exitCode).toBeNull();
  });

  test('after kill -9 the next start works at once and replaces daemon.json and the socket', async () => {
    const home = temporaryFolder();
    const killed = await startDaemon(home);
    killed.child.kill('SIGKILL');
    await killed.finished;
    expect(readInfo(home).pid).toBe(killed.child.pid);
    expect(existsSync(join(home, 'codexd', 'codexd.sock'))).toBe(true);
    const next = await startDaemon(home);
    expect(next.info.pid).toBe(next.child.pid);
  });

  test('a daemon.json whose pid now belongs to another program does not block a start', async () => {
    const home = temporaryFolder();
    mkdirSync(join(home, 'codexd'), { mode: 0o700 });
    const foreign = {
      pid: process.ppid,
      url: 'http://127.0.0.1:1',
      socket: null,
      version: '0',
      protocolVersions: [],
    };
    const record = { ...foreign, tokenPath: '/none', startedAt: '2001-01-01T00:00:00.000Z' };
    writeFileSync(join(home, 'codexd', 'daemon.json'), JSON.stringify(record), { mode: 0o600 });
    const { info, child } = await startDaemon(home);
    expect(info.pid).toBe(child.pid);
  });

  test('leaves no temporary file behind', async () => {
    const home = temporaryFolder();
    const daemon = await startDaemon(home);
    daemon.child.kill('SIGTERM');
    await daemon.finished;
    expect(readdirSync(join(home, 'codexd')).sort()).toEqual(['daemon.lock', 'token']);
  });
});

describe('SEC-BIND-2: a port that is taken', () => {
  test('by the codexd of another home ends the start with its pid', async () => {
    const { info } = await startDaemon(temporaryFolder());
    const { port } = new URL(info.url);
    const { code, stderr } = await runCli(['serve', '--port', port], { home: temporaryFolder() });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining(
        `Port ${port} is taken by the codexd of another CODEX_HOME (process ${info.pid})`,
      ),
    });
  });

  test('by another program ends the start with advice', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const home = temporaryFolder();
    const { code, stderr } = await runCli(['serve', '--port', String(port)], { home });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining(
        `Port ${port} is taken by another program. Choose another one with --port`,
      ),
    });
    expect(existsSync(join(home, 'codexd', 'daemon.json'))).toBe(false);
  });
});
