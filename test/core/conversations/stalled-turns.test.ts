import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { ManagerOptions } from '../../../src/core/conversations/manager.ts';
import { type OpenTurns, openTurns } from '../../../src/core/conversations/open-turns.ts';
import { createTurnActivity } from '../../../src/core/conversations/turn-activity.ts';
import { realFileSystem } from '../../../src/core/files/file-system.ts';
import { hang } from '../../../src/demo/answers.ts';
import { type Responder, startModelServer } from '../../../src/demo/model-server.ts';
import { callAnswer, functionCall, textAnswer } from '../../../src/demo/responses.ts';
import { connectionClient } from '../../../src/server/clients.ts';
import { startParts } from '../../support/lifecycle/parts.ts';
import { recordingLog } from './recording-log.ts';

const QUICK = { sweepMs: 50, unaccountedMs: 150 };

const configuration = (url: string): string => `model = "test-model"
model_provider = "test"
approval_policy = "untrusted"
[model_providers.test]
name = "Test"
wire_api = "responses"
base_url = "${url}"
`;

/** A conversation with everything of the daemon but its doors, and what its listener is told. */
async function startTurn(respond: Responder, special: Partial<ManagerOptions> = {}) {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'codexd-stall-')));
  const [home, cwd] = [path.join(root, 'home'), path.join(root, 'work')];
  for (const folder of [home, cwd]) mkdirSync(folder);
  const server = await startModelServer({ respond });
  onTestFinished(async () => {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });
  writeFileSync(path.join(home, 'config.toml'), configuration(server.url));
  mkdirSync(path.join(home, 'codexd'), { mode: 0o700 });
  const { log, lines } = recordingLog();
  const parts = await startParts(home, cwd, undefined, { log, stallTimes: QUICK, ...special });
  onTestFinished(() => parts.close());
  const told: { type: string; message?: string }[] = [];
  const client = connectionClient('websocket', {
    event: (frame) => {
      const { msg } = frame.params as { msg?: (typeof told)[number] };
      if (msg) told.push(msg);
    },
    size: 0,
  });
  parts.hub.join(client);
  const call = (method: string, params: object): Promise<unknown> =>
    Promise.resolve(parts.dispatcher.call(method, params, { client }));
  const { conversationId } = (await call('newConversation', {})) as { conversationId: string };
  await call('addConversationListener', { conversationId });
  const say = (text: string) =>
    call('sendUserMessage', { conversationId, items: [{ type: 'text', data: { text } }] });
  await say('hello');
  return { told, lines, say, types: () => told.map(({ type }) => type) };
}

/** A turn's note is synced when it starts and when it ends. */
const END_OF_FIRST_TURN = 2;

/** Notes of open turns whose syncs take as long as they are told to. */
function notesOf(beforeSync: (nth: number) => Promise<void>): OpenTurns {
  const folder = mkdtempSync(path.join(tmpdir(), 'codexd-stall-notes-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const notes = openTurns({ folder, files: realFileSystem, log: recordingLog().log });
  let syncs = 0;
  return {
    ...notes,
    async sync(id) {
      syncs += 1;
      await beforeSync(syncs);
      await notes.sync(id);
    },
  };
}

test('REL-MS-15: a turn that nothing would end fails with internal_stall, and the log says where it stood', async () => {
  const ready = Promise.withResolvers<void>();
  const { told, types, lines, say } = await startTurn(() => textAnswer('hello'), {
    openTurns: notesOf(async (nth) => (nth === END_OF_FIRST_TURN ? ready.promise : undefined)),
  });
  await expect.poll(() => types().at(-1), { timeout: 5_000 }).toBe('turn_aborted');
  expect(types().filter((type) => /^(task|turn|error)/.test(type))).toEqual([
    'task_started',
    'error',
    'turn_aborted',
  ]);
  expect(told.find(({ type }) => type === 'error')?.message).toMatch(/^internal_stall: /);
  expect(lines.filter(({ reason }) => reason === 'internal_stall')).toMatchObject([
    { level: 'error', turnId: '0', sources: [], silentMs: expect.any(Number), resources: expect.any(Object) },
  ]);
  ready.resolve();
  await say('again');
  await expect.poll(() => types().at(-1)).toBe('task_complete');
  // What the first turn does late is told to nobody.
  expect(types().filter((type) => type === 'task_started')).toHaveLength(2);
});

test('REL-MS-15: a turn that waits for the user or the model is left alone', async () => {
  const silent = await startTurn(() => hang());
  const asking = await startTurn(() => callAnswer(functionCall('shell', { command: ['rm', 'x'] })));
  await expect.poll(asking.types).toContain('exec_approval_request');
  await pause(10 * (QUICK.sweepMs + QUICK.unaccountedMs));
  expect(silent.types()).toEqual(['task_started']);
  expect(asking.types().at(-1)).toBe('exec_approval_request');
});

test('REL-MS-15: a wait counts until its limit, and beyond it as long as what it waits for is alive', async () => {
  const activity = createTurnActivity(20);
  let isAlive = true;
  const tool = { name: 'tool', limitMs: 10, isAlive: async () => isAlive };
  const over = Promise.withResolvers<void>();
  const work = activity.during(tool, () => over.promise);
  expect(await activity.isStalled()).toBe(false);
  await pause(40);
  expect(await activity.isStalled()).toBe(false);
  isAlive = false;
  expect(await activity.isStalled()).toBe(true);
  expect(activity.describe()).toMatchObject({ sources: ['tool'] });
  activity.move();
  expect(await activity.isStalled()).toBe(false);
  over.resolve();
  await work;
  expect(await activity.isStalled()).toBe(false);
  await pause(40);
  expect(await activity.isStalled()).toBe(true);
});
