import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { hang } from '../../src/demo/answers.ts';
import { created, textAnswer, textDelta } from '../../src/demo/responses.ts';
import { createPlace } from '../support/daemon-process.ts';

/** How long nothing gets through; 600 for the ten minutes of the requirement. */
const SECONDS = Number(process.env.NETWORK_DOWN_SECONDS ?? 3);
const PATIENT = ['request_max_retries=1000', 'stream_max_retries=1000'].flatMap((setting) => [
  '-c',
  `model_providers.test.${setting}`,
]);

/** A way to the target that can be closed: what is on it then breaks off, and nothing new gets on it. */
async function startRoad(target: URL) {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server = createServer((near) => {
    near.on('error', () => {});
    if (!isOpen) return near.destroy();
    const far = connect(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
    return near;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = (): void => {
    isOpen = false;
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(() => {
    server.close();
    close();
  });
  const reopen = (): void => {
    isOpen = true;
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${target.pathname}`;
  return { url, close, open: reopen };
}

test('REL-MS-12: turns wait for a network that is down, say so, and go on within half a minute after it is back', {
  timeout: 90_000 + SECONDS * 1_000,
}, async () => {
  let isBack = false;
  const place = await createPlace(() =>
    isBack ? textAnswer('here I am') : [created(), textDelta('here'), hang()],
  );
  const road = await startRoad(new URL(place.model.url));
  const daemon = await place.start([...PATIENT, '-c', `model_providers.test.base_url="${road.url}"`]);
  const turns = await Promise.all(
    [1, 2, 3].map(async (number) => {
      const { conversationId } = await daemon.newConversation();
      const events = await daemon.stream(`/v1/conversations/${conversationId}/events`);
      await daemon.say(conversationId, `question ${number}`);
      await events.event('agent_message_delta');
      return events;
    }),
  );
  road.close();
  for (const events of turns) {
    const { params } = await events.event('stream_error');
    expect(params.msg.message).toMatch(/^stream error: .*; retrying 1\/1000 in \d+ms…$/);
  }
  await pause(SECONDS * 1_000);
  isBack = true;
  road.open();
  const start = performance.now();
  const ends = await Promise.all(turns.map((events) => events.event('task_complete')));
  expect(performance.now() - start).toBeLessThan(34_000);
  for (const { params } of ends) expect(params.msg.last_agent_message).toBe('here I am');
  const answered = place.model.requests.slice(-3).map(({ body }) => JSON.stringify(body.input));
  for (const number of [1, 2, 3]) {
    const mine = answered.filter((input) => input.includes(`question ${number}`));
    expect(mine).toHaveLength(1);
    expect(mine[0]?.split(`question ${number}`)).toHaveLength(2);
  }
});
