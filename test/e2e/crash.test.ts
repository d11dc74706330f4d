import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { hang } from '../../src/demo/answers.ts';
import {
  callAnswer,
  created,
  functionCall,
  itemDone,
  message,
  textAnswer,
  textDelta,
} from '../../src/demo/responses.ts';
import { createPlace, rolloutLines } from '../support/daemon-process.ts';

test('after kill -9 in the middle of a turn everything acknowledged is there, and the daemon starts again', async () => {
  const answers = [
    textAnswer('first answer'),
    callAnswer(functionCall('shell', { command: ['echo', 'ran'] }, 'a')),
    [created(), textDelta('part'), itemDone(message('a whole message')), hang()],
  ];
  const place = await createPlace(({ index }) => answers[index] ?? textAnswer('after'));
  const daemon = await place.start();
  const { conversationId, rolloutPath } = await daemon.newConversation();
  const socket = await daemon.connect();
  await socket.listen(conversationId);
  await daemon.say(conversationId, 'first question');
  await socket.event('task_complete');
  await daemon.say(conversationId, 'second question');
  const whole = (await socket.event('agent_message', socket.notifications.length)).params.msg.message;
  expect(whole).toBe('a whole message');
  expect((await daemon.say(conversationId, 'said while it ran')).status).toBe(202);
  await daemon.kill('SIGKILL');

  const heard = socket.notifications
    .map(({ params }) => params.msg)
    .filter(({ type }) => ['agent_message', 'token_count'].includes(type));
  const stored = rolloutLines(rolloutPath).filter(({ type }) => type === 'event_msg');
  for (const msg of heard) expect(stored.map(({ payload }) => payload)).toContainEqual(msg);
  const text = readFileSync(rolloutPath, 'utf8');
  for (const said of ['first question', 'second question', 'said while it ran']) expect(text).toContain(said);
  expect(text.endsWith('\n')).toBe(true);

  const again = await place.start();
  const reopened = await again.get<{ messages: { message?: string }[] }>(
    `/v1/conversations/${conversationId}`,
  );
  expect(reopened).toMatchObject({ loaded: false, preview: 'first question' });
  expect(reopened.messages.map((msg) => msg.message).filter(Boolean)).toEqual([
    'first question',
    'first answer',
    'second question',
    'a whole message',
    'said while it ran',
  ]);
  const listed = await again.get<{ items: object[] }>('/v1/conversations');
  expect(listed.items).toMatchObject([{ conversationId, path: rolloutPath }]);
});

test('SIGTERM lets a running turn end, closes clients with 1001 and exits 0', async () => {
  const release = Promise.withResolvers<void>();
  const place = await createPlace(async () => {
    await release.promise;
    return textAnswer('in time');
  });
  const daemon = await place.start();
  const { conversationId } = await daemon.newConversation();
  const socket = await daemon.connect();
  await socket.listen(conversationId);
  await daemon.say(conversationId, 'hi');
  await place.model.waitForRequests(1);
  const closed = new Promise((resolve) => socket.socket.once('close', (code) => resolve(code)));
  const exited = daemon.kill('SIGTERM');
  await expect.poll(async () => (await daemon.fetch('/readyz')).status).toBe(503);
  const refused = await daemon.post<{ reason: string }>(`/v1/conversations/${conversationId}/messages`, {
    items: [{ type: 'text', data: { text: 'late' } }],
  });
  expect([refused.status, refused.body.reason]).toEqual([503, 'draining']);
  release.resolve();
  expect(await exited).toBe(0);
  expect(await closed).toBe(1001);
  await socket.event('task_complete');
});
