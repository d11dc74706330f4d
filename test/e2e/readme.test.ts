import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '../..');
const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const run = promisify(execFile);

const blocks = (language: string): string[] =>
  [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    (match) => match[1] ?? '',
  );

describe('the README', () => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'codexd-readme-'));
  const home = path.join(root, 'home');
  const bin = path.join(root, 'bin');
  const env = {
    ...process.env,
    CODEX_HOME: home,
    PATH: `${bin}:${path.dirname(process.execPath)}:${process.env.PATH}`,
  };
  const daemon = { stop: async () => {} };

  beforeAll(async () => {
    for (const folder of [home, bin]) mkdirSync(folder);
    const command = path.join(bin, 'codexd');
    writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${ROOT}/dist/cli.js" "$@"\n`);
    chmodSync(command, 0o755);
    const child = spawn(command, ['serve', '--demo', '--port', '0', '--log-level', 'error'], {
      env,
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    daemon.stop = async () => {
      child.kill();
      await once(child, 'exit');
    };
  });

  afterAll(async () => {
    await daemon.stop();
    rmSync(root, { recursive: true, force: true });
  });

  test('has a first request that works as it is written', async () => {
    const [first] = blocks('sh');
    expect(first?.trim()).toBe('curl -H "Authorization: Bearer $(codexd token)" $(codexd url)/v1/user-agent');
    const { stdout } = await run('bash', ['-c', first ?? ''], { env });
    expect(JSON.parse(stdout).userAgent).toContain('codexd');
  });

  test('has a conversation with curl that works as it is written', async () => {
    const { stdout } = await run('bash', ['-c', blocks('sh')[1] ?? ''], { env }).catch((error) => error);
    expect(stdout).toContain('event: codex/event/exec_command_end');
    expect(stdout).toContain('"stdout":"hello\\n"');
    expect(stdout).toContain('event: codex/event/task_complete');
  });

  test('has a WebSocket example that works as it is written', async () => {
    const [example] = blocks('js');
    const script = path.join(root, 'example.mjs');
    writeFileSync(script, example ?? '');
    const { stdout } = await run(process.execPath, [script], { env });
    expect(stdout).toContain('hello');
  });

  test('shows only files and links that exist', () => {
    const links = [...README.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map((match) => match[1] ?? '');
    expect(links.length).toBeGreaterThan(2);
    for (const link of links) expect(existsSync(path.join(ROOT, link)), link).toBe(true);
  });

  test('names its two commands as the package has them', () => {
    const { scripts } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    expect(README).toContain('npm ci && npm run demo');
    expect(README).toContain('npm ci && npm test');
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(['demo', 'test', 'build']));
    expect(readFileSync(path.join(ROOT, '.ci/run'), 'utf8')).toContain('npm ci && npm test');
  });
});

test('npm run demo plays its conversation, prints lines that work, and tidies up', async () => {
  const demo = spawn(process.execPath, [path.join(ROOT, 'scripts/demo.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const text of demo.stdout.setEncoding('utf8')) {
    output += text;
    if (output.includes('Ctrl-C')) break;
  }
  expect(output).toContain('hello from');
  const [home = ''] = /(?<=CODEX_HOME=)\S+/.exec(output) ?? [];
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
  const token = readFileSync(path.join(home, 'codexd/token'), 'utf8').trim();
  const answer = await fetch(`${url}/v1/conversations`, { headers: { authorization: `Bearer ${token}` } });
  expect(await answer.json()).toMatchObject({ items: [{ preview: expect.stringContaining('run: echo') }] });
  const ended = once(demo, 'exit');
  demo.kill('SIGINT');
  expect((await ended)[0]).toBe(0);
  expect(existsSync(home)).toBe(false);
});
