import { existsSync, mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { hang } from '../../src/demo/answers.ts';
import { created, textAnswer, textDelta } from '../../src/demo/responses.ts';
import { createPlace, type DaemonProcess, rolloutLines } from '../support/daemon-process.ts';

interface Problem {
  detail: string;
  code: number;
  reason: string;
}

const archive = (daemon: DaemonProcess, conversationId: string, rolloutPath: string) =>
  daemon.post<Problem>(`/v1/conversations/${conversationId}/archive`, { rolloutPath });

describe('archiveConversation', () => {
  test('REL-LC-1, REL-LC-4: takes well under 100 ms for an idle conversation with three listeners, and tells them', async () => {
    const place = await createPlace(() => textAnswer('x'));
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const sockets = await Promise.all([daemon.connect(), daemon.connect()]);
    for (const socket of sockets) await socket.listen(conversationId);
    const stream = await daemon.stream(`/v1/conversations/${conversationId}/events`);
    await daemon.say(conversationId, 'hi');
    await Promise.all([...sockets, stream].map((listener) => listener.event('task_complete')));

    const before = performance.now();
    const { status } = await archive(daemon, conversationId, rolloutPath);
    const took = performance.now() - before;

    expect(status).toBe(200);
    expect(took).toBeLessThan(100);
    for (const listener of [...sockets, stream]) await listener.event('shutdown_complete');
    await stream.ended;
    const archived = path.join(place.home, 'archived_sessions', path.basename(rolloutPath));
    expect([existsSync(rolloutPath), existsSync(archived)]).toEqual([false, true]);
    expect((await daemon.say(conversationId, 'more')).status).toBe(404);
    const listed = await daemon.get<{ items: object[] }>('/v1/conversations?archived=true');
    expect(listed.items).toMatchObject([{ conversationId, path: archived }]);
  });

  test('REL-LC-1: of a running turn interrupts it, records its end, then moves the file', async () => {
    const place = await createPlace(() => [created(), textDelta('p'), hang()]);
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    await daemon.say(conversationId, 'hi');
    await socket.event('agent_message_delta');
    expect((await archive(daemon, conversationId, rolloutPath)).status).toBe(200);
    await socket.event('shutdown_complete');
    const types = socket.notifications.map(({ params }) => params.msg.type);
    expect(types.slice(-2)).toEqual(['turn_aborted', 'shutdown_complete']);
    const archived = path.join(place.home, 'archived_sessions', path.basename(rolloutPath));
    expect(rolloutLines(archived).at(-1)).toMatchObject({
      type: 'event_msg',
      payload: { type: 'turn_aborted', reason: 'interrupted' },
    });
    expect(existsSync(rolloutPath)).toBe(false);
  });

  test('refuses paths that are not those of the conversation, and moves nothing', async () => {
    const place = await createPlace(() => textAnswer('x'));
    const daemon = await place.start();
    const mine = await daemon.newConversation();
    const other = await daemon.newConversation();
    const name = path.basename(mine.rolloutPath);
    const outside = path.join(place.cwd, name);
    writeFileSync(outside, '{}\n');
    const evil = path.join(place.home, 'sessions-evil', name);
    mkdirSync(path.dirname(evil));
    writeFileSync(evil, '{}\n');
    const link = path.join(path.dirname(mine.rolloutPath), `link-${mine.conversationId}.jsonl`);
    symlinkSync(outside, link);

    for (const file of [outside, evil, link, path.join(place.home, 'config.toml'), `sessions/${name}`]) {
      const { status, body } = await archive(daemon, mine.conversationId, file);
      expect([status, body.code]).toEqual([400, -32600]);
      expect(body.detail).toBe(`rollout path \`${file}\` must be in sessions directory`);
    }
    const mismatch = await archive(daemon, mine.conversationId, other.rolloutPath);
    expect(mismatch.body.detail).toBe(
      `rollout path \`${other.rolloutPath}\` does not match conversation id ${mine.conversationId}`,
    );
    expect([mine, other].map(({ rolloutPath }) => existsSync(rolloutPath))).toEqual([true, true]);
    expect([outside, evil, link].map((file) => existsSync(file))).toEqual([true, true, true]);
    expect(existsSync(path.join(place.home, 'archived_sessions'))).toBe(false);
    expect((await daemon.say(mine.conversationId, 'still here')).status).toBe(202);
  });

  test('by two clients at once: one wins, the file is in exactly one place', async () => {
    const place = await createPlace(() => textAnswer('x'));
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const answers = await Promise.all([1, 2].map(() => archive(daemon, conversationId, rolloutPath)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(existsSync(rolloutPath)).toBe(false);
    expect(readdirSync(path.join(place.home, 'archived_sessions'))).toEqual([path.basename(rolloutPath)]);
  });

  test('REL-LC-7: never overwrites an archived file of the same name', async () => {
    const place = await createPlace(() => textAnswer('x'));
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const directory = path.join(place.home, 'archived_sessions');
    mkdirSync(directory);
    const taken = path.join(directory, path.basename(rolloutPath));
    writeFileSync(taken, 'somebody else\n');
    const { status, body } = await archive(daemon, conversationId, rolloutPath);
    expect([status, body.reason]).toEqual([409, 'path_exists']);
    renameSync(taken, `${taken}.kept`);
    expect(existsSync(rolloutPath)).toBe(true);
  });
});
