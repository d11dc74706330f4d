import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Container, startContainer } from '../support/container/container.ts';
import { lastOf, wordsOf } from '../support/container/dockerfile.ts';
import { buildImage, canBuildImages, type Image } from '../support/container/image.ts';

const compose = readFileSync(path.join(import.meta.dirname, '../../docker/compose.yaml'), 'utf8');

/** Uid of `node` in the image. */
const idOf = (image: Image): number =>
  Number(/^node:x:(\d+)/m.exec(readFileSync(`/proc/${image.pid}/root${image.root}/etc/passwd`, 'utf8'))?.[1]);

describe.skipIf(!canBuildImages())('the image, built step by step as the Dockerfile says', () => {
  let image: Image;

  beforeAll(async () => {
    image = await buildImage();
  }, 400_000);

  afterAll(() => image?.[Symbol.asyncDispose](), 30_000);

  function start(...command: readonly string[]): Container {
    const volume = mkdtempSync(path.join(os.tmpdir(), 'codexd-volume-'));
    const uid = idOf(image);
    chownSync(volume, uid, uid);
    const container = startContainer(image, volume, command);
    onTestFinished(async () => {
      await container.stop().catch(() => {});
      rmSync(volume, { recursive: true, force: true });
    });
    return container;
  }

  const isHealthy = async (container: Container) =>
    (await container.exec(...wordsOf(lastOf(image.stage, 'HEALTHCHECK')))).code === 0;

  test('SEC-PKG-4: serves as a user, on a read-only root, healthy, and ends in good order', async () => {
    const container = start(...image.start, '--demo', '--log-level', 'warn');
    expect(await container.ready).toBe('codexd listening on http://127.0.0.1:4517');
    expect(await isHealthy(container)).toBe(true);
    const status = JSON.parse((await container.exec('codexd', 'status', '--json')).stdout);
    expect(status).toMatchObject({ healthy: true, tokenPath: '/home/node/.codex/codexd/token' });
    const process = (await container.exec('cat', `/proc/${status.pid}/status`)).stdout;
    const uid = idOf(image);
    expect(process).toMatch(new RegExp(`^Uid:\t${uid}\t${uid}\t${uid}\t${uid}$`, 'm'));
    expect(process).toMatch(/^CapBnd:\t0+$/m);
    expect(await container.exec('touch', '/opt/codexd/x')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Read-only file system|Permission denied/),
    });
    expect(await container.stop()).toBe(0);
  });

  test('SEC-PKG-4: has no token in it, and says that it is not healthy when no daemon answers', async () => {
    const container = start('tini', '--', 'sh', '-c', 'echo up; exec sleep 60');
    await container.ready;
    expect(await isHealthy(container)).toBe(false);
    const found = await container.exec(
      'grep',
      '-rlE',
      'cdx_[A-Za-z0-9_-]{43}',
      '/home',
      '/opt/codexd/package.json',
    );
    expect(found.stdout).toBe('');
  });

  test('SEC-PKG-4: is reached through the door alone, with the token', async () => {
    const container = start(...image.start, '--demo', '--log-level', 'warn');
    await container.ready;
    const [, door = ''] = /^ {4}entrypoint: \[(.*)\]$/m.exec(compose) ?? [];
    container.spawn(...door.split(/, (?=\S)/).map((word) => word.replaceAll('"', '')));
    const ask = (...args: string[]) =>
      container.exec('node', '-e', REQUEST, ...args).then(({ stdout }) => stdout.trim());
    const token = (await container.exec('codexd', 'token')).stdout.trim();
    await expect.poll(() => ask('4518', ''), { timeout: 10_000 }).toBe('401');
    expect(await ask('4518', token)).toBe('200');
  });

  test('confines commands with bubblewrap where the container may have namespaces', async () => {
    const container = start(...image.start, '--demo', '--log-level', 'warn');
    await container.ready;
    const chat = (command: string) =>
      container.exec('codexd', 'chat', '-a', 'never', '-s', 'workspace-write', `run: ${command}`);
    expect((await chat('echo "hello from $(id -un)"')).stderr).toContain('hello from node');
    expect((await chat('id; cat ~/.codex/codexd/token')).stderr).not.toContain('cdx_');
  });

  test('publishes on the loopback of its host and nowhere else', () => {
    const ports = [...compose.matchAll(/^ +ports: \[(.*)\]$/gm)].map(([, list]) => list);
    expect(ports).toHaveLength(1);
    expect(ports[0]).toMatch(/^"127\.0\.0\.1:[^"]*:4518"$/);
    expect(compose).not.toMatch(/network_mode: host|CODEXD_TOKEN/);
  });
});

/** What a program on the host sends: the name and port are those of the host. */
const REQUEST = `
const { request } = require('node:http');
const [port, token] = process.argv.slice(1);
const headers = { connection: 'close', host: '127.0.0.1:4517', ...(token && { authorization: 'Bearer ' + token }) };
request({ host: '127.0.0.1', port, path: '/v1/user-agent', headers }, (answer) => {
  console.log(answer.statusCode);
  answer.resume();
})
  .on('error', (error) => console.log(error.code)).end();
`;
