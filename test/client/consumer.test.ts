import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { textAnswer } from '../../src/demo/responses.ts';
import { createPlace } from '../support/daemon-process.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const COMPILER = path.join(ROOT, 'node_modules/typescript/bin/tsc');
const run = promisify(execFile);

const PROGRAM = `
import { ConnectionError, connect, type TurnResult } from 'codexd/client';
import type { EventMsg } from 'codexd';

const client = await connect(OPTIONS);
const conversation = await client.newConversation({ approvalPolicy: 'never' });
const turn = conversation.run('hello', { onApproval: async ({ method }) => method === 'execCommandApproval' ? 'denied' : undefined });
let text = '';
for await (const update of turn) {
  if (update.kind !== 'event') continue;
  const msg: EventMsg = update.msg;
  if (msg.type === 'agent_message_delta') text += msg.delta;
}
const { status, lastAgentMessage }: TurnResult = await turn.result;
const { items } = await client.call('listConversations', { pageSize: 5 });
// @ts-expect-error a method that the registry does not have
const wrong = () => client.call('noSuchMethod', {});
// @ts-expect-error params that the method does not take
const odd = () => client.call('sendUserMessage', { conversationId: 1 });
console.log(JSON.stringify({ text, status, lastAgentMessage, listed: items.length, odd: [wrong, odd].length }));
client.close();
const error: unknown = await client.call('getUserAgent').catch((reason: unknown) => reason);
if (!(error instanceof ConnectionError)) throw error;
`;

interface Consumer {
  readonly folder: string;
  readonly condition: 'browser' | 'node';
  readonly options: string;
}

/** A package of its own that depends on the built one, without a type of Node in sight. */
async function compile({ folder, condition, options }: Consumer): Promise<string> {
  mkdirSync(path.join(folder, 'node_modules'), { recursive: true });
  symlinkSync(ROOT, path.join(folder, 'node_modules/codexd'));
  writeFileSync(path.join(folder, 'package.json'), '{"name":"consumer","type":"module"}');
  writeFileSync(path.join(folder, 'program.ts'), PROGRAM.replace('OPTIONS', options));
  const compilerOptions = {
    strict: true,
    target: 'es2024',
    lib: ['es2024', 'esnext.disposable', 'dom'],
    types: [],
    module: 'esnext',
    moduleResolution: 'bundler',
    customConditions: [condition],
    exactOptionalPropertyTypes: true,
  };
  writeFileSync(
    path.join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['program.ts'] }),
  );
  await run(process.execPath, [COMPILER, '-p', folder]).catch(({ stdout }) => {
    throw new Error(stdout);
  });
  return path.join(folder, 'program.js');
}

test('a package that depends on codexd compiles and runs, with the entry for Node and the one for browsers', {
  timeout: 60_000,
}, async () => {
  const place = await createPlace(() => textAnswer('hello to you'));
  const daemon = await place.start();
  const options = JSON.stringify({ url: daemon.url, token: daemon.token });
  const consumers: Consumer[] = [
    { folder: path.join(place.cwd, 'node'), condition: 'node', options: '' },
    { folder: path.join(place.cwd, 'browser'), condition: 'browser', options },
  ];
  for (const [index, consumer] of consumers.entries()) {
    const program = await compile(consumer);
    const { stdout } = await run(process.execPath, [`--conditions=${consumer.condition}`, program], {
      env: { ...process.env, CODEX_HOME: place.home },
    });
    expect(JSON.parse(stdout)).toEqual({
      text: 'hello to you',
      status: 'completed',
      lastAgentMessage: 'hello to you',
      listed: index + 1,
      odd: 2,
    });
  }
});

test('nothing of Node is in what browsers load', () => {
  const seen = new Set<string>();
  const foreign: string[] = [];
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const [, target = ''] of text.matchAll(/^(?:import|export)\s[^'"]*?from\s+'([^']+)'/gm)) {
      if (target.startsWith('.')) visit(path.resolve(path.dirname(file), target));
      else foreign.push(target);
    }
  };
  visit(path.join(ROOT, 'dist/client/browser.js'));
  expect(foreign).toEqual([]);
  expect(seen.size).toBeGreaterThan(5);
});
