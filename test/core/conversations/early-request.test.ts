import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startModelServer } from '../../../src/demo/model-server.ts';
import { textAnswer } from '../../../src/demo/responses.ts';
import type { Frame } from '../../../src/rpc/frame.ts';
import { connectionClient } from '../../../src/server/clients.ts';
import { countingFiles, type FaultPlan } from '../../support/faulty-files.ts';
import { startParts } from '../../support/lifecycle/parts.ts';

const PATIENCE_MS = 300;

const configuration = (url: string): string => `model = "test-model"
model_provider = "test"
approval_policy = "never"
[model_providers.test]
name = "Test"
wire_api = "responses"
base_url = "${url}"
`;

/** Everything of the daemon but its doors, on a disk that does as the plan says, and a model that answers at once. */
async function onDisk(plan: FaultPlan) {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'codexd-early-')));
  const [home, cwd] = [path.join(root, 'home'), path.join(root, 'work')];
  for (const folder of [home, path.join(home, 'codexd'), cwd]) mkdirSync(folder, { mode: 0o700 });
  const server = await startModelServer({ respond: () => textAnswer('yes') });
  onTestFinished(async () => {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });
  writeFileSync(path.join(home, 'config.toml'), configuration(server.url));
  const parts = await startParts(home, cwd, PATIENCE_MS, { files: countingFiles(plan) });
  onTestFinished(() => parts.close());
  const told: string[] = [];
  const ended = Promise.withResolvers<void>();
  const event = (frame: Frame): void => {
    const { type } = (frame.params as { msg?: { type: string } }).msg ?? {};
    if (type !== undefined) told.push(type);
    if (type === 'task_complete') ended.resolve();
  };
  parts.hub.observe(connectionClient('sse', { size: 0, event }));
  const client = connectionClient('websocket', { event: () => {}, size: 0 });
  const call = async (method: string, params: object): Promise<Record<string, unknown>> =>
    (await parts.dispatcher.call(method, params, { client })) as Record<string, unknown>;
  const { conversationId, rolloutPath } = await call('newConversation', {});
  const say = (text: string) =>
    call('sendUserMessage', { conversationId, items: [{ type: 'text', data: { text } }] });
  const stored = (): string => readFileSync(String(rolloutPath), 'utf8');
  return { server, told, ended: ended.promise, say, stored };
}

const isSyncOfRollout = ({ name, path: file }: { name: string; path: string | undefined }): boolean =>
  name === 'handle.datasync' && file?.endsWith('.jsonl') === true;

test('the model is asked while the disk takes in the input, and nobody hears of the turn before it has (REL-WR-2)', async () => {
  const gate = Promise.withResolvers<void>();
  let isHeld = false;
  const world = await onDisk({
    delay: (operation) => (isHeld && isSyncOfRollout(operation) ? gate.promise : undefined),
  });
  isHeld = true;
  let isAccepted = false;
  const said = world.say('hello').then(() => {
    isAccepted = true;
  });
  await world.server.waitForRequests(1);
  expect([isAccepted, world.told]).toEqual([false, []]);
  expect(world.stored()).toContain('hello');
  expect(world.stored()).not.toContain('turn_context');
  isHeld = false;
  gate.resolve();
  await said;
  await world.ended;
  expect(world.told[0]).toBe('task_started');
});

test('an input that the disk refuses is not part of what the model is asked next, and its turn was never heard of', async () => {
  let isBroken = false;
  const world = await onDisk({
    fail: (operation) => (isBroken && isSyncOfRollout(operation) ? 'EIO' : undefined),
  });
  isBroken = true;
  await expect(world.say('unwanted words')).rejects.toThrow('I/O error');
  expect(world.told).not.toContain('task_started');
  expect(world.stored()).not.toContain('unwanted words');
  isBroken = false;
  await expect
    .poll(
      () =>
        world.say('taken').then(
          () => true,
          () => false,
        ),
      { interval: 50 },
    )
    .toBe(true);
  await world.ended;
  const asked = JSON.stringify(world.server.requests.at(-1)?.body);
  expect(asked).toContain('taken');
  expect(asked).not.toContain('unwanted words');
  expect(world.told.filter((type) => type === 'task_started')).toHaveLength(1);
});
