import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** The built package with the one dependency that is not part of the build, far from the other installed packages. */
function installPackage(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'codexd-package-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const part of ['package.json', 'dist', 'node_modules/@lydell']) {
    cpSync(path.join(ROOT, part), path.join(folder, part), {
      recursive: true,
      filter: (file) => !file.endsWith('.compile-cache'),
    });
  }
  mkdirSync(path.join(folder, 'home'));
  return folder;
}

/** Starts `codexd serve` of that package; resolves when it listens. */
async function serve(folder: string) {
  const home = path.join(folder, 'home');
  const args = [path.join(folder, 'dist/cli.js'), 'serve', '--port', '0', '--demo'];
  const env = { ...process.env, CODEX_HOME: home };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  onTestFinished(stop);
  const [line] = await Promise.race([once(child.stdout, 'data'), ended]);
  const url = /listening on (\S+)/.exec(String(line))?.[1] ?? '';
  return { url, token: readFileSync(path.join(home, 'codexd/token'), 'utf8').trim(), stop };
}

test('the package runs without the packages that it was built from', async () => {
  const folder = installPackage();
  const { url, token } = await serve(folder);
  const authorization = `Bearer ${token}`;
  const document = await fetch(`${url}/openapi.json`, { headers: { authorization } });
  expect(await document.json()).toEqual(
    JSON.parse(readFileSync(path.join(ROOT, 'openapi/openapi.json'), 'utf8')),
  );
  const page = await fetch(`${url}/docs`, { headers: { authorization } });
  expect(await page.text()).toContain('<h1>codexd');
  const created = await fetch(`${url}/v1/conversations`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: '{}',
  });
  expect(created.status).toBe(201);
});

test('its compiled code lies beside it when it has started once', async () => {
  const folder = installPackage();
  const { stop } = await serve(folder);
  await stop();
  const kept = readdirSync(path.join(folder, 'dist/.compile-cache'), { recursive: true, encoding: 'utf8' });
  expect(kept.map((file) => path.basename(file))).toEqual(
    expect.arrayContaining(['cli-run.js', 'daemon-daemon.js', 'chunks-serve.js']),
  );
});

test('it names the packages that it contains, with their licences', () => {
  const text = readFileSync(path.join(ROOT, 'dist/THIRD-PARTY.txt'), 'utf8');
  for (const name of ['fastify', 'zod', 'undici', '@modelcontextprotocol/sdk', 'preact']) {
    expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+: MIT$`, 'm'));
  }
  expect(text).toContain('Permission is hereby granted');
});
