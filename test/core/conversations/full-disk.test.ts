import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { wait } from '../../../src/demo/answers.ts';
import { startModelServer } from '../../../src/demo/model-server.ts';
import { textAnswer } from '../../../src/demo/responses.ts';
import type { Frame } from '../../../src/rpc/frame.ts';
import { connectionClient } from '../../../src/server/clients.ts';
import { mountSmallDisk } from '../../support/crash/disk.ts';
import { startParts } from '../../support/lifecycle/parts.ts';

const PATIENCE_MS = 300;
/** More than the last page of a file still has room for. */
const LONG = 'no room for this '.repeat(1_000);
const RECOVERY = { timeout: 10_000, interval: 50 };

const configuration = (url: string): string => `model = "test-model"
model_provider = "test"
approval_policy = "never"
[model_providers.test]
name = "Test"
wire_api = "responses"
base_url = "${url}"
`;

interface Told {
  readonly type: string;
  readonly message?: string;
}

/** Everything of the daemon but its doors, on a disk of its own that can be filled. */
async function onSmallDisk() {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'codexd-full-')));
  const [home, cwd] = [path.join(root, 'home'), path.join(root, 'work')];
  for (const folder of [home, cwd]) mkdirSync(folder);
  const release = Promise.withResolvers<void>();
  const server = await startModelServer({
    respond: ({ index }) =>
      index === 0 ? [wait(release.promise), ...textAnswer(LONG)] : textAnswer('again'),
  });
  onTestFinished(async () => {
    await server.close();
    rmSync(root, { recursive: true, force: true });
  });
  writeFileSync(path.join(home, 'config.toml'), configuration(server.url));
  const disk = mountSmallDisk(home, 6);
  if (typeof disk === 'string') return disk;
  mkdirSync(path.join(home, 'codexd'), { mode: 0o700 });
  const parts = await startParts(home, cwd, PATIENCE_MS);
  onTestFinished(() => parts.close());
  await parts.health.start();
  const told: Told[] = [];
  const event = (frame: Frame): void => {
    const { msg } = frame.params as { msg?: Told };
    if (msg) told.push(msg);
  };
  parts.hub.observe(connectionClient('sse', { size: 0, event }));
  const client = connectionClient('websocket', { event: () => {}, size: 0 });
  const call = async (method: string, params: object): Promise<Record<string, unknown>> =>
    (await parts.dispatcher.call(method, params, { client })) as Record<string, unknown>;
  return { home, disk, told, call, server, release: release.resolve };
}

const storedTypes = (rollout: string): unknown[] =>
  readFileSync(rollout, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
    .flatMap(({ type, payload }) => (type === 'event_msg' ? [payload.type] : []));

test.runIf(process.platform === 'linux')(
  'a turn on a full disk waits, then fails with an end that the ballast made room for (REL-DISK-1)',
  async ({ skip }) => {
    const world = await onSmallDisk();
    if (typeof world === 'string') return skip(`cannot mount: ${world}`);
    const { home, disk, told, call, server, release } = world;
    const ballast = path.join(home, 'codexd', 'ballast');
    const { conversationId, rolloutPath } = await call('newConversation', {});
    const rollout = String(rolloutPath);
    const say = (text: string) =>
      call('sendUserMessage', { conversationId, items: [{ type: 'text', data: { text } }] });
    await say('please wait');
    await server.waitForRequests(1);

    disk.fill(rollout);
    release();
    await expect.poll(() => told.at(-1)?.type, RECOVERY).toBe('turn_aborted');
    expect(told.at(-2)).toMatchObject({
      type: 'error',
      message: expect.stringMatching(/^the turn could not be stored: cannot append to .*(full|No space)/),
    });
    expect(storedTypes(rollout)).toContain('user_message');
    expect(storedTypes(rollout).at(-1)).toBe('turn_aborted');
    expect(existsSync(ballast)).toBe(false);
    await expect(say('refused')).rejects.toMatchObject({ reason: 'storage_full' });

    disk.free();
    await expect
      .poll(
        () =>
          say('once more').then(
            () => true,
            () => false,
          ),
        RECOVERY,
      )
      .toBe(true);
    await expect.poll(() => told.at(-1)?.type, RECOVERY).toBe('task_complete');
    await expect.poll(() => existsSync(ballast), RECOVERY).toBe(true);
    expect(storedTypes(rollout).filter((type) => type === 'turn_aborted')).toHaveLength(1);
  },
);
