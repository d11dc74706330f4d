import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { usableSocketPath } from '../../src/server/unix-socket.ts';
import { openDoors, temporaryFolder } from '../support/doors.ts';
import { call, get } from '../support/http.ts';

const socketIn = (folder = temporaryFolder()) => path.join(folder, 'codexd', 'codexd.sock');

/** Listens and hangs up with a file left behind, as a killed process does. */
async function leaveStale(socketPath: string): Promise<void> {
  mkdirSync(path.dirname(socketPath), { mode: 0o700 });
  const { spawnSync } = await import('node:child_process');
  const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script, socketPath]);
  expect(statSync(socketPath).isSocket()).toBe(true);
}

describe('the unix socket', () => {
  it('SEC-SOCK-1: is a file of mode 0600 in a folder of mode 0700, and gone after closing', async () => {
    const socketPath = socketIn();
    const before = process.umask();
    const { listening } = await openDoors({ socketPath });
    expect(listening.socket).toBe(socketPath);
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    expect(statSync(path.dirname(socketPath)).mode & 0o777).toBe(0o700);
    expect(process.umask()).toBe(before);
    await listening.close();
    expect(() => statSync(socketPath)).toThrow('ENOENT');
  });

  it('SEC-GATE-2 SEC-HOST-4: serves HTTP without a token and under any Host', async () => {
    const socketPath = socketIn();
    await openDoors({ socketPath });
    const answer = await call('http://whatever.example/v1/user-agent', { socketPath });
    expect([answer.status, answer.json()]).toEqual([200, { userAgent: 'fake/0' }]);
  });

  it('serves WebSockets without a token', async () => {
    const socketPath = socketIn();
    const { hub } = await openDoors({ socketPath });
    const socket = new WebSocket(`ws+unix://${socketPath}:/rpc`);
    const answer = await new Promise((resolve, reject) => {
      socket.once('open', () => socket.send('{"id":1,"method":"getUserAgent"}')).once('error', reject);
      socket.once('message', (data) => resolve(JSON.parse(String(data))));
    });
    expect(answer).toMatchObject({ id: 1, result: { userAgent: 'fake/0' } });
    expect(hub.clients.size).toBe(1);
    socket.terminate();
  });

  it('SEC-ORIG-1: still refuses foreign origins', async () => {
    const socketPath = socketIn();
    await openDoors({ socketPath });
    const refused = await call('http://x/v1/user-agent', {
      socketPath,
      headers: { origin: 'https://evil.example' },
    });
    expect(refused.status).toBe(403);
  });

  it('SEC-TOK-1: does not open TCP along with it', async () => {
    const { url } = await openDoors({ socketPath: socketIn() });
    expect((await get(`${url}/v1/user-agent`, {})).status).toBe(401);
  });

  it('replaces a file that a killed process left behind', async () => {
    const socketPath = socketIn();
    await leaveStale(socketPath);
    await openDoors({ socketPath });
    expect((await call('http://x/healthz', { socketPath })).status).toBe(200);
  });

  it('refuses to take over a socket that somebody listens on, and leaves nothing listening', async () => {
    const socketPath = socketIn();
    const { listening } = await openDoors({ socketPath });
    await expect(openDoors({ socketPath })).rejects.toThrow(`another process listens on ${socketPath}`);
    expect((await call('http://x/healthz', { socketPath })).status).toBe(200);
    await listening.close();
  });

  it.each([
    ['a file', (at: string) => writeFileSync(at, 'precious')],
    ['a folder', (at: string) => mkdirSync(at)],
    ['a dangling link', (at: string) => symlinkSync('/nowhere', at)],
  ])('SEC-SOCK-1: refuses to replace %s', async (_name, make) => {
    const socketPath = socketIn();
    mkdirSync(path.dirname(socketPath), { mode: 0o700 });
    make(socketPath);
    await expect(openDoors({ socketPath })).rejects.toThrow('is not a socket');
  });

  it('SEC-FS-1: refuses a folder that others may use, and says how to mend it', async () => {
    const socketPath = socketIn();
    mkdirSync(path.dirname(socketPath));
    chmodSync(path.dirname(socketPath), 0o755);
    await expect(openDoors({ socketPath })).rejects.toThrow(`chmod 700 ${path.dirname(socketPath)}`);
  });

  it('SEC-SOCK-1: has a shorter path in the runtime folder when its own is too long', () => {
    const long = `/${'x'.repeat(120)}/codexd.sock`;
    expect(usableSocketPath('/short', undefined)).toBe('/short');
    expect(usableSocketPath(long, '/run/user/1')).toMatch(/^\/run\/user\/1\/codexd\/[0-9a-f]{16}\.sock$/);
    expect(() => usableSocketPath(long, undefined)).toThrow('longer than 100 bytes');
  });
});

describe('the TCP port', () => {
  it('SEC-BIND-2: that is taken is an error, not another port', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expect(openDoors({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
