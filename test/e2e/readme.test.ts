import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Block, blocksOf, type ExamplePlace, startExamplePlace } from '../support/documents.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

const blocks = (language: string): Block[] => blocksOf(README).filter((block) => block.language === language);

describe('the README', () => {
  let place: ExamplePlace;

  beforeAll(async () => {
    place = await startExamplePlace();
  });

  afterAll(() => place?.[Symbol.asyncDispose]());

  const run = (block: Block | undefined) => place.run(block ?? { language: 'sh', text: 'exit 9' });

  test('has a first request that works as it is written', async () => {
    const [first] = blocks('sh');
    const line = 'curl -H "Authorization: Bearer $(codexd token)" $(codexd url)/v1/user-agent';
    expect(first?.text.trim()).toBe(line);
    expect(JSON.parse((await run(first)).stdout).userAgent).toContain('codexd');
  });

  test('has a conversation with curl that works as it is written', async () => {
    const { stdout } = await run(blocks('sh')[1]);
    expect(stdout).toContain('event: codex/event/exec_command_end');
    expect(stdout).toContain('"stdout":"hello\\n"');
    expect(stdout).toContain('event: codex/event/task_complete');
  });

  test('has a WebSocket example that works as it is written', async () => {
    expect((await run(blocks('js')[0])).stdout).toContain('hello');
  });

  test('has an example of the client library that works as it is written', async () => {
    expect((await run(blocks('js')[1])).stdout).toMatch(/^completed .*hello/);
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
