import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Confinement, runConfined, shell, WORKSPACE, withoutBubblewrap } from './confined.ts';
import { createScene, type Scene } from './scene.ts';

const NETWORK = { ...WORKSPACE, network_access: true };

/** Connects to a port or path and prints what came of it. */
const CONNECT = `
  const [to] = process.argv.slice(1);
  const port = Number(to);
  const socket = require('node:net').connect(Number.isNaN(port) ? { path: to.replace('@', '\\0') } : { port, host: '127.0.0.1' });
  socket.once('connect', () => { console.log('connected'); process.exit(); });
  socket.once('error', (error) => { console.log(error.code); process.exit(); });
`;

async function connect(scene: Scene, to: string, options?: Confinement): Promise<string> {
  const { stdout, stderr } = await runConfined(scene, [process.execPath, '-e', CONNECT, to], options);
  return stdout.trim() || stderr;
}

function listen(address: string | number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  onTestFinished(() => {
    server.close();
  });
  return new Promise((resolve) => {
    if (typeof address === 'number') server.listen(address, '127.0.0.1', () => resolve(server));
    else server.listen(address, () => resolve(server));
  });
}

describe.skipIf(withoutBubblewrap)('SEC-EXEC-7: without network', () => {
  test('TCP, abstract and named unix sockets are refused with EPERM', async () => {
    const scene = createScene();
    const address = (await listen(0)).address();
    const port = typeof address === 'object' && address ? String(address.port) : '';
    const name = `codexd-test-${process.pid}`;
    await listen(`\0${name}`);
    const path = join(scene.root, 'docker.sock');
    await listen(path);
    for (const to of [port, `@${name}`, path]) {
      expect(await connect(scene, to), to).toBe('EPERM');
      expect(await connect(scene, to, { policy: NETWORK }), to).toBe('connected');
    }
  });

  test('no server can be opened, and programs that use pipes and pairs still run', async () => {
    const scene = createScene();
    const script = `
      const { spawnSync } = require('node:child_process');
      const { stdout } = spawnSync(process.execPath, ['-p', '40 + 2'], { encoding: 'utf8' });
      const server = require('node:net').createServer().listen('own.sock');
      server.once('error', (error) => console.log(stdout.trim(), error.code));
    `;
    const { stdout } = await runConfined(scene, [process.execPath, '-e', script]);
    expect(stdout).toBe('42 EPERM\n');
  });

  test('is told to the command by its environment', async () => {
    const script = 'echo "$CODEX_SANDBOX_NETWORK_DISABLED"';
    const scene = createScene();
    expect((await runConfined(scene, ['sh', '-c', script])).stdout).toBe('1\n');
    expect((await runConfined(scene, ['sh', '-c', script], { policy: NETWORK })).stdout).toBe('\n');
  });
});

describe.skipIf(withoutBubblewrap)('SEC-EXEC-7: the socket of the daemon', () => {
  test('is out of reach even with network, in its own folder and elsewhere', async () => {
    const scene = createScene();
    const own = join(scene.codexHome, 'codexd/codexd.sock');
    const elsewhere = join(scene.workspace, 'elsewhere.sock');
    await listen(own);
    await listen(elsewhere);
    const options = { policy: NETWORK, hidden: [elsewhere] };
    expect(await connect(scene, own, options)).toBe('ENOENT');
    expect(await connect(scene, elsewhere, options)).toBe('ECONNREFUSED');
    const [, stderr] = await shell(scene, 'mv elsewhere.sock mine.sock', options);
    expect(stderr).toContain('Device or resource busy');
  });
});
