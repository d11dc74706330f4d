import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { canRunSystemd, startUserSystemd } from '../support/user-systemd.ts';

const SERVE = ['--port', '0', '--demo', '-c', 'a="x$y $HOME %h \\"q\\" \\\\n \'s\'"'];

describe.skipIf(!canRunSystemd)("codexd service with a user's real systemd", { timeout: 60_000 }, () => {
  test('SEC-PKG-5: install starts the daemon and brings it up to date, uninstall removes it', async () => {
    const { home, config, codexd } = await startUserSystemd();
    const file = path.join(config, 'systemd/user/codexd.service');
    const info = () => JSON.parse(readFileSync(path.join(home, '.codex/codexd/daemon.json'), 'utf8'));

    const before = await codexd('service', 'status');
    expect(before).toMatchObject({ code: 1, stdout: expect.stringContaining('codexd service install') });

    const installed = await codexd('service', 'install', '--json', '--', ...SERVE);
    expect(installed).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('journalctl --user -u codexd'),
    });
    const { pid, url } = info();
    expect(JSON.parse(installed.stdout)).toEqual({
      manager: 'systemd',
      name: 'codexd',
      path: file,
      changed: true,
      url,
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')).toEqual(expect.arrayContaining(SERVE));
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')).toContain(`PATH=${process.env.PATH}`);
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    expect(limits).toMatch(/Max core file size +0 +0/);
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^NoNewPrivs:\t0$/m);

    const status = await codexd('service', 'status', '--json');
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({ installed: true, enabled: true, running: true, pid });

    const again = await codexd('service', 'install', '--json', '--', ...SERVE);
    expect(JSON.parse(again.stdout)).toMatchObject({ changed: false, url });
    expect(info().pid).toBe(pid);
    const other = await codexd('service', 'install', '--json', '--', '--port', '0', '--demo');
    expect(JSON.parse(other.stdout)).toMatchObject({ changed: true });
    expect(info().pid).not.toBe(pid);

    const asked = await codexd('service', 'uninstall', '--dry-run');
    expect(asked.stdout).toContain(`remove ${file}`);
    expect(existsSync(file)).toBe(true);
    expect(await codexd('service', 'uninstall')).toMatchObject({
      code: 0,
      stdout: 'removed the service codexd\n',
    });
    expect([existsSync(file), existsSync(path.join(home, '.codex/codexd/daemon.json'))]).toEqual([
      false,
      false,
    ]);
    const twice = await codexd('service', 'uninstall', '--json');
    expect(JSON.parse(twice.stdout)).toMatchObject({ changed: false });
  });

  test('a daemon that is killed comes back, one that cannot start is reported', async () => {
    const { home, codexd } = await startUserSystemd();
    const pidOf = async () => JSON.parse((await codexd('service', 'status', '--json')).stdout).pid as number;
    await codexd('service', 'install', '--', '--port', '0', '--demo');
    const first = await pidOf();
    process.kill(first, 'SIGKILL');
    await expect.poll(async () => (await pidOf()) ?? first, { timeout: 15_000 }).not.toBe(first);
    await expect.poll(async () => (await codexd('status')).code, { timeout: 15_000 }).toBe(0);

    const taken = JSON.parse(readFileSync(path.join(home, '.codex/codexd/daemon.json'), 'utf8')).url;
    const port = new URL(taken).port;
    await codexd('service', 'uninstall');
    const { createServer } = await import('node:net');
    const squatter = createServer().listen(Number(port), '127.0.0.1');
    const refused = await codexd('service', 'install', '--', '--port', port, '--demo');
    squatter.close();
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('journalctl') });
  });

  test('a daemon that was started by hand is not pushed aside', async () => {
    const { codexd } = await startUserSystemd();
    expect((await codexd('url', '--start')).code).toBe(0);
    const { code, stderr } = await codexd('service', 'install');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('First: codexd stop') });
    await codexd('stop');
  });
});
