import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { wait } from '../../src/demo/answers.ts';
import { completed, created, itemDone, message, textDelta } from '../../src/demo/responses.ts';
import { createPlace, type DaemonProcess } from '../support/daemon-process.ts';
import { type Listener, openCrowd, openListener } from '../support/load/crowd.ts';

const MEBIBYTE = 1024 * 1024;

/** A model that says so much at once, in pieces of one size. */
const talkative =
  (pieces: number, size: number, before: Promise<void> = Promise.resolve()) =>
  () => [
    created(),
    wait(before),
    ...Array.from({ length: pieces }, (_, index) => textDelta(`${index} `.padEnd(size, '.'))),
    itemDone(message('done')),
    completed(),
  ];

function residentBytes({ child }: DaemonProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** Waits for the end of the turn at a client that keeps up; gives all its ids. */
async function endOfTurn(
  daemon: DaemonProcess,
  conversationId: string,
  witness: Listener,
): Promise<string[]> {
  const socket = await daemon.connect();
  const { lastEventId } = await daemon.get<{ lastEventId: string }>(`/v1/conversations/${conversationId}`);
  await socket.call('addConversationListener', { conversationId, afterEventId: lastEventId });
  const done = await socket.event('task_complete');
  await witness.until(done.params._meta.eventId);
  return witness.ids;
}

describe('REL-CL-4, REL-CL-5: 500 clients on one conversation', () => {
  test('every one that reads has every event once and in order, while 20 stand still', {
    timeout: 120_000,
  }, async () => {
    const place = await createPlace(talkative(300, 1_000));
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const crowd = await openCrowd(daemon, conversationId, 500);
    const [witness] = crowd;
    if (!witness) throw new Error('nobody came');
    const stalled = crowd.slice(-20);
    for (const each of stalled) each.stall();
    const before = residentBytes(daemon);
    const started = performance.now();
    const ended = endOfTurn(daemon, conversationId, witness);
    await daemon.say(conversationId, 'talk');
    const expected = [...(await ended)];
    const last = expected.at(-1) ?? '';
    await Promise.all(crowd.slice(0, -20).map((each) => each.until(last)));
    const seconds = (performance.now() - started) / 1_000;
    const grown = (residentBytes(daemon) - before) / MEBIBYTE;
    console.log(
      `500 clients, ${expected.length} events: ${seconds.toFixed(1)} s, RSS +${grown.toFixed(0)} MiB`,
    );
    expect(expected.length).toBeGreaterThan(300);
    expect(new Set(expected).size).toBe(expected.length);
    for (const { ids } of crowd.slice(0, -20)) expect(ids).toEqual(expected);
    expect(grown).toBeLessThan(256);
    for (const each of stalled) each.resume();
    await Promise.all(stalled.map((each) => each.until(last)));
    for (const { ids } of stalled) expect(ids).toEqual(expected);
    for (const each of crowd) each.close();
    await expect
      .poll(async () => (await daemon.get<{ items: unknown[] }>('/v1/clients')).items.length, {
        timeout: 10_000,
      })
      .toBeLessThanOrEqual(1);
  });
});

describe('clients come and go', () => {
  test('REL-CL-1: the turn goes on when the client that started it is cut off, and another takes over', async () => {
    const gate = Promise.withResolvers<void>();
    const place = await createPlace(talkative(50, 10, gate.promise));
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const starter = await daemon.connect();
    await starter.listen(conversationId);
    const items = [{ type: 'text', data: { text: 'go' } }];
    await starter.call('sendUserMessage', { conversationId, items });
    await starter.event('task_started');
    starter.socket.terminate();
    const heir = await daemon.connect();
    await heir.call('addConversationListener', {
      conversationId,
      afterEventId: starter.notifications[0]?.params._meta.eventId,
    });
    gate.resolve();
    const done = await heir.event('task_complete');
    expect(done.params.msg).toMatchObject({ last_agent_message: 'done' });
    expect(heir.notifications.filter(({ method }) => method.endsWith('agent_message_delta'))).toHaveLength(
      50,
    );
    expect((await heir.call('sendUserMessage', { conversationId, items })).result).toEqual({});
  });

  test('REL-CL-2: one that reconnects 50 times has each event once', { timeout: 60_000 }, async () => {
    const gates = Array.from({ length: 50 }, () => Promise.withResolvers<void>());
    const place = await createPlace(() => [
      created(),
      ...gates.flatMap(({ promise }) => [
        wait(promise),
        ...Array.from({ length: 40 }, () => textDelta('more ')),
      ]),
      itemDone(message('done')),
      completed(),
    ]);
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const { lastEventId } = await daemon.get<{ lastEventId: string }>(`/v1/conversations/${conversationId}`);
    const witness = await openListener(daemon, conversationId);
    const ended = endOfTurn(daemon, conversationId, witness);
    await daemon.say(conversationId, 'talk');
    const seen: string[] = [];
    for (const { resolve } of gates) {
      const each = await openListener(daemon, conversationId, seen.at(-1) ?? lastEventId);
      resolve();
      await each.any();
      each.close();
      seen.push(...each.ids);
    }
    const rest = await openListener(daemon, conversationId, seen.at(-1));
    const expected = await ended;
    await rest.until(expected.at(-1) ?? '');
    expect(expected.length).toBeGreaterThan(2_000);
    expect([...seen, ...rest.ids]).toEqual(expected);
    for (const each of [witness, rest]) each.close();
  });
});

describe.runIf(process.platform === 'linux')('REL-LK-4 SEC-FLOOD-2: with 64 file descriptors', () => {
  test('those who are connected are served, and others again when there is room', {
    timeout: 60_000,
  }, async () => {
    const place = await createPlace(talkative(1, 10));
    const daemon = await place.start();
    const limited = await promisify(execFile)('prlimit', [
      '--pid',
      String(daemon.child.pid),
      '--nofile=64:64',
    ]).then(
      () => true,
      () => false,
    );
    if (!limited) return console.log('skipped: prlimit is missing');
    const inside = await daemon.connect();
    const { port } = new URL(daemon.url);
    const crowd = Array.from({ length: 100 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
    for (let count = 0; count < 20; count++) expect((await inside.call('getUserAgent')).result).toBeDefined();
    const { error } = await inside.call('newConversation', {});
    if (error) expect(error.message).toMatch(/EMFILE|too many open files/i);
    for (const socket of crowd) socket.destroy();
    await expect
      .poll(
        () =>
          daemon.post('/v1/conversations').then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 20_000 },
      )
      .toBe(201);
    expect(daemon.child.exitCode).toBeNull();
  });
});
