import { statSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { openDoors, temporaryFolder } from '../support/doors.ts';
import { call, get } from '../support/http.ts';

const socketIn = (folder = temporaryFolder()) => path.join(folder, 'codexd.sock');

describe('the unix socket', () => {
  it('SEC-SOCK-1: is a file of mode 0600, and gone after closing', async () => {
    const socketPath = socketIn();
    const before = process.umask();
    const { listening } = await openDoors({ socketPath });
    expect(listening.socket).toBe(socketPath);
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
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

  it('refuses a path that somebody listens on, and leaves nothing listening', async () => {
    const socketPath = socketIn();
    const { listening } = await openDoors({ socketPath });
    await expect(openDoors({ socketPath })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect((await call('http://x/healthz', { socketPath })).status).toBe(200);
    await listening.close();
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
