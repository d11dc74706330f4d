import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { wait } from '../../src/demo/answers.ts';
import type { RecordedRequest } from '../../src/demo/recording.ts';
import { textAnswer } from '../../src/demo/responses.ts';
import { type FullDisk, limitFileSize, makeUnwritable, mountSmallDisk } from '../support/crash/disk.ts';
import { createPlace, type DaemonProcess, rolloutLines } from '../support/daemon-process.ts';

interface Problem {
  reason?: string;
}

/** Everything works again within this time after a fault has ended. */
const RECOVERY = { timeout: 10_000, interval: 100 };

/** More than the last page of a file still has room for. */
const LONG = 'no room for this '.repeat(1_000);

const lastText = ({ body }: RecordedRequest): string => JSON.stringify(body.input.at(-1));

/** Texts of what was said on both sides, as the file has them. */
const talk = (rollout: string): unknown[] =>
  rolloutLines(rollout)
    .filter(({ type, payload }) => type === 'event_msg' && payload.message !== undefined)
    .map(({ payload }) => payload.message);

/** A model that answers `wait` when it is released, and anything else at once. */
async function waitingPlace(answer = 'waited') {
  const release = Promise.withResolvers<void>();
  const place = await createPlace((request) =>
    lastText(request).includes('wait')
      ? [wait(release.promise), ...textAnswer(answer)]
      : textAnswer('at once'),
  );
  return { place, release: release.resolve };
}

async function say(daemon: DaemonProcess, id: string, text: string) {
  const items = [{ type: 'text', data: { text } }];
  const answer = await daemon.fetch(`/v1/conversations/${id}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ items }),
  });
  const { reason } = (await answer.json()) as Problem;
  return { status: answer.status, reason, retryAfter: answer.headers.get('retry-after') };
}

const KINDS = ['a full file system', 'a limit on the size of files'] as const;

describe.skipIf(process.platform !== 'linux').each(KINDS)('%s (REL-DISK-1)', (kind) => {
  test('refuses new input and nothing else, and holds the records of running turns until there is room', async ({
    skip,
  }) => {
    const { place, release } = await waitingPlace();
    const small = kind === 'a full file system' ? mountSmallDisk(place.home, 6) : undefined;
    if (typeof small === 'string') return skip(`cannot mount: ${small}`);
    const config = readFileSync(path.join(place.home, 'config.toml'), 'utf8');
    const daemon = await place.start();
    const disk: FullDisk = typeof small === 'object' ? small : limitFileSize(Number(daemon.child.pid));
    const [idle, busy] = [await daemon.newConversation(), await daemon.newConversation()];
    const socket = await daemon.connect();
    for (const { conversationId } of [idle, busy]) await socket.listen(conversationId);
    await say(daemon, idle.conversationId, 'hello');
    await socket.event('task_complete');
    await say(daemon, busy.conversationId, 'please wait');
    await place.model.waitForRequests(2);

    disk.fill(busy.rolloutPath);
    const refused = await say(daemon, busy.conversationId, LONG);
    expect(refused).toMatchObject({ status: 503, reason: 'storage_full', retryAfter: expect.any(String) });
    if (kind === 'a full file system') {
      const ready = await daemon.fetch('/readyz');
      expect([ready.status, await ready.json()]).toMatchObject([503, { reasons: ['storage_full'] }]);
    }
    expect((await daemon.fetch('/healthz')).status).toBe(200);
    expect(await daemon.get(`/v1/conversations/${idle.conversationId}`)).toMatchObject({ loaded: true });
    expect((await daemon.get<{ items: object[] }>('/v1/conversations')).items).toHaveLength(2);
    const heard = socket.notifications.length;
    release();

    disk.free();
    const end = await socket.event('task_complete', heard);
    expect(end.params.msg.last_agent_message).toBe('waited');
    await expect
      .poll(async () => (await say(daemon, idle.conversationId, 'and now')).status, RECOVERY)
      .toBe(202);
    await socket.event('task_complete', socket.notifications.indexOf(end) + 1);
    expect((await daemon.fetch('/readyz')).status).toBe(200);
    expect(talk(busy.rolloutPath)).toEqual(['please wait', 'waited']);
    expect(talk(idle.rolloutPath)).toEqual(['hello', 'at once', 'and now', 'at once']);
    expect(readFileSync(path.join(place.home, 'config.toml'), 'utf8')).toBe(config);
  });

  test.for(['waits for the model', 'waits for the disk'])(
    'lets a turn that %s be interrupted',
    async (state, { skip }) => {
      const { place, release } = await waitingPlace(state === 'waits for the disk' ? LONG : 'waited');
      const small = kind === 'a full file system' ? mountSmallDisk(place.home, 6) : undefined;
      if (typeof small === 'string') return skip(`cannot mount: ${small}`);
      const daemon = await place.start();
      const disk: FullDisk = typeof small === 'object' ? small : limitFileSize(Number(daemon.child.pid));
      const { conversationId, rolloutPath } = await daemon.newConversation();
      const socket = await daemon.connect();
      await socket.listen(conversationId);
      await say(daemon, conversationId, 'please wait');
      await place.model.waitForRequests(1);
      disk.fill(rolloutPath);
      if (state === 'waits for the disk') release();
      if (state === 'waits for the disk') await socket.event('background_event');

      const before = performance.now();
      const { status } = await daemon.post(`/v1/conversations/${conversationId}/interrupt`);
      expect(status).toBe(200);
      expect(performance.now() - before).toBeLessThan(5_000);
      // What a full file system gives back has room for the end of a turn.
      if (kind === 'a full file system') {
        await socket.event('turn_aborted');
        expect(rolloutLines(rolloutPath).at(-1)?.payload.type).toBe('turn_aborted');
      }
      disk.free();
      const ends = await Promise.race([socket.event('turn_aborted'), socket.event('task_complete')]);
      // What little room there was may have been enough for the turn to come to its end.
      const closings = ends.method === 'codex/event/turn_aborted' ? 1 : 0;
      const stored = () =>
        rolloutLines(rolloutPath).filter(({ payload }) => payload.type === 'turn_aborted').length;
      await expect.poll(stored, RECOVERY).toBe(closings);
    },
  );
});

describe.skipIf(process.platform !== 'linux')('a folder of conversations', () => {
  test('that cannot be written refuses input, and takes it again later (REL-DISK-2)', async ({ skip }) => {
    const place = await createPlace(() => textAnswer('yes'));
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    await say(daemon, conversationId, 'one');
    await socket.event('task_complete');

    const makeWritable = makeUnwritable(path.join(place.home, 'sessions'));
    if (typeof makeWritable === 'string') return skip(`cannot make a folder unwritable: ${makeWritable}`);
    const opened = await daemon.post<Problem>('/v1/conversations');
    expect([opened.status, opened.body.reason]).toEqual([503, 'storage_unwritable']);
    // Without root the daemon still has the file open, and may go on in it.
    if (process.getuid?.() === 0) {
      const refused = await say(daemon, conversationId, 'two');
      expect(refused).toMatchObject({ status: 503, reason: 'storage_unwritable' });
    }
    expect((await daemon.get<{ items: object[] }>('/v1/conversations')).items).toHaveLength(1);

    makeWritable();
    const heard = socket.notifications.length;
    await expect.poll(async () => (await say(daemon, conversationId, 'three')).status, RECOVERY).toBe(202);
    await socket.event('task_complete', heard);
    await expect.poll(async () => (await daemon.post('/v1/conversations')).status, RECOVERY).toBe(201);
    expect(talk(rolloutPath)).toEqual(['one', 'yes', 'three', 'yes']);
  });

  test('that is removed comes back with the whole conversation (REL-DISK-4)', async () => {
    const place = await createPlace(() => textAnswer('yes'));
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    await say(daemon, conversationId, 'one');
    await socket.event('task_complete');
    const before = readFileSync(rolloutPath, 'utf8');

    rmSync(path.join(place.home, 'sessions'), { recursive: true });
    const heard = socket.notifications.length;
    expect((await say(daemon, conversationId, 'two')).status).toBe(202);
    await socket.event('task_complete', heard);
    expect(readFileSync(rolloutPath, 'utf8').startsWith(before)).toBe(true);
    expect(talk(rolloutPath)).toEqual(['one', 'yes', 'two', 'yes']);
    expect((await daemon.get<{ items: object[] }>('/v1/conversations')).items).toHaveLength(1);
    expect((await daemon.post('/v1/conversations')).status).toBe(201);
  });
});
