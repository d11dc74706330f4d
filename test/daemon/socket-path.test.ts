import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { prepareSocketPath } from '../../src/daemon/socket-path.ts';
import { temporaryFolder } from './temporary-folder.ts';

function homeIn(codexHome: string) {
  const folder = join(codexHome, 'codexd');
  mkdirSync(folder, { mode: 0o700 });
  return { codexHome, folder };
}

async function listen(path: string): Promise<void> {
  const server = createServer().listen(path);
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
}

/** A socket file whose listener was killed. */
async function leaveSocket(path: string): Promise<void> {
  const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  const child = spawn(process.execPath, ['-e', script, path]);
  await new Promise((resolve) => child.once('exit', resolve));
}

describe('SEC-SOCK-1: the path of the unix socket', () => {
  test('is in the daemon folder by default', async () => {
    const home = homeIn(temporaryFolder());
    expect(await prepareSocketPath(undefined, home, '/', {})).toBe(join(home.folder, 'codexd.sock'));
  });

  test('falls back to XDG_RUNTIME_DIR beyond 100 bytes, one per home', async () => {
    const runtime = temporaryFolder();
    const homes = ['a', 'b'].map((letter) => ({
      codexHome: `/${letter.repeat(99)}`,
      folder: `/${letter.repeat(99)}/codexd`,
    }));
    const env = { XDG_RUNTIME_DIR: runtime };
    const paths = await Promise.all(homes.map((home) => prepareSocketPath(undefined, home, '/', env)));
    for (const path of paths) expect(path).toMatch(new RegExp(`^${runtime}/codexd/[0-9a-f]{16}\\.sock$`));
    expect(new Set(paths).size).toBe(2);
    expect(statSync(join(runtime, 'codexd')).mode & 0o777).toBe(0o700);
  });

  test.each([undefined, '', 'relative', `/${'r'.repeat(100)}`])(
    'is an error when XDG_RUNTIME_DIR is %j',
    async (runtime) => {
      const home = { codexHome: '/h', folder: `/${'h'.repeat(100)}` };
      const attempt = prepareSocketPath(undefined, home, '/', { XDG_RUNTIME_DIR: runtime });
      await expect(attempt).rejects.toThrow('--no-socket');
    },
  );

  test('counts bytes, not characters, and is resolved against the working directory', async () => {
    const home = homeIn(temporaryFolder());
    const cwd = temporaryFolder();
    expect(await prepareSocketPath('own/s.sock', home, cwd, {})).toBe(join(cwd, 'own', 's.sock'));
    await expect(prepareSocketPath(`/${'ü'.repeat(50)}`, home, cwd, {})).rejects.toThrow(
      'longer than 100 bytes',
    );
  });

  test('is refused in a folder that others can enter', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const attempt = prepareSocketPath(join(folder, 's.sock'), homeIn(temporaryFolder()), '/', {});
    await expect(attempt).rejects.toThrow(`chmod 700 '${folder}'`);
  });
});

describe('SEC-SOCK-1: what stands at the path', () => {
  test('is removed when it is a socket that nobody listens on', async () => {
    const home = homeIn(temporaryFolder());
    const path = join(home.folder, 'codexd.sock');
    await leaveSocket(path);
    expect(existsSync(path)).toBe(true);
    await prepareSocketPath(undefined, home, '/', {});
    expect(existsSync(path)).toBe(false);
  });

  test('is left alone when somebody listens on it', async () => {
    const home = homeIn(temporaryFolder());
    const path = join(home.folder, 'codexd.sock');
    await listen(path);
    await expect(prepareSocketPath(undefined, home, '/', {})).rejects.toThrow('is in use');
    expect(existsSync(path)).toBe(true);
  });

  test('is left alone when it is no socket', async () => {
    const home = homeIn(temporaryFolder());
    const path = join(home.folder, 'codexd.sock');
    writeFileSync(path, 'precious');
    await expect(prepareSocketPath(undefined, home, '/', {})).rejects.toThrow('is not a socket');
    expect(existsSync(path)).toBe(true);
  });
});
