import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { hang, wait } from '../../src/demo/answers.ts';
import {
  callAnswer,
  completed,
  created,
  functionCall,
  itemDone,
  message,
  textAnswer,
  textDelta,
} from '../../src/demo/responses.ts';
import { ServerNotification } from '../../src/protocol/messages.ts';
import { createPlace, rolloutLines } from '../support/daemon-process.ts';

const shell = (command: string[], callId: string) => functionCall('shell', { command }, callId);

interface Snapshot {
  lastEventId: string;
  messages: { type: string }[];
}

/** A process that has ended but that nobody has collected yet does not run. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a conversation', () => {
  test('REL-LOG-1: a WebSocket client and an SSE client get the same events in the same order', async () => {
    const answers = [
      textAnswer('Hello from the model'),
      callAnswer(shell(['echo', 'one'], 'a'), shell(['sh', '-c', 'echo two; exit 3'], 'b')),
      textAnswer('done'),
    ];
    const place = await createPlace(({ index }) => answers[index] ?? []);
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    const stream = await daemon.stream(`/v1/conversations/${conversationId}/events`);

    for (const text of ['hi', 'run two commands']) {
      const from = socket.notifications.length;
      expect((await daemon.say(conversationId, text)).status).toBe(202);
      await Promise.all([socket.event('task_complete', from), stream.event('task_complete', from)]);
    }

    expect(stream.notifications).toEqual(
      socket.notifications.map(({ method, params }) => ({ method, params })),
    );
    expect(stream.ids).toEqual(socket.notifications.map(({ params }) => params._meta.eventId));
    const types = socket.notifications.map(({ params }) => params.msg.type);
    expect(types).toEqual([
      'task_started',
      ...Array(4).fill('agent_message_delta'),
      'agent_message',
      'token_count',
      'task_complete',
      'task_started',
      'exec_command_begin',
      'exec_command_output_delta',
      'exec_command_end',
      'exec_command_begin',
      'exec_command_output_delta',
      'exec_command_end',
      'token_count',
      'agent_message_delta',
      'agent_message',
      'token_count',
      'task_complete',
    ]);
    for (const notification of socket.notifications) {
      expect(ServerNotification.safeParse(notification).error).toBeUndefined();
    }
  });

  test('REL-LOG-2: is on disk line by line before its events are heard', async () => {
    const place = await createPlace(() => textAnswer('Hello'));
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    let seen: unknown;
    socket.socket.on('message', (data) => {
      if (!data.toString().includes('"codex/event/agent_message"')) return;
      seen = rolloutLines(rolloutPath).at(-1)?.payload;
    });
    await daemon.say(conversationId, 'hi');
    await socket.event('task_complete');
    expect(seen).toMatchObject({ type: expect.stringMatching(/agent_message|token_count|message/) });
    expect(
      rolloutLines(rolloutPath).map(({ type, payload }) => `${type} ${payload.type ?? ''}`.trim()),
    ).toEqual([
      'session_meta',
      'response_item message',
      'response_item message',
      'event_msg user_message',
      'turn_context',
      'event_msg agent_message',
      'event_msg token_count',
      'response_item message',
    ]);
  });

  test('what nobody has heard goes to the first listener that attaches', async () => {
    const place = await createPlace(() => textAnswer('unheard'));
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    await daemon.say(conversationId, 'hi');
    await expect.poll(() => rolloutLines(rolloutPath).length).toBe(8);
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    await socket.event('task_complete');
    expect(socket.notifications[0]?.method).toBe('codex/event/task_started');
  });

  test('a message that comes while the last answer streams is answered in the same turn', async () => {
    const gate = Promise.withResolvers<void>();
    const place = await createPlace(({ index }) =>
      index === 0
        ? [created(), textDelta('first'), wait(gate.promise), itemDone(message('first')), completed()]
        : textAnswer('second'),
    );
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    await daemon.say(conversationId, 'one');
    await socket.event('agent_message_delta');
    expect((await daemon.say(conversationId, 'two')).status).toBe(202);
    expect(readFileSync(rolloutPath, 'utf8')).toContain('"two"');
    gate.resolve();
    const done = await socket.event('task_complete');
    expect(done.params).toMatchObject({ id: '0', msg: { last_agent_message: 'second' } });
    const input = place.model.requests[1]?.body.input ?? [];
    expect(JSON.stringify(input.at(-1))).toContain('two');
    expect(JSON.stringify(input.at(-2))).toContain('first');
  });

  test('REL-MS-14: an interrupt answers after the turn is over, closes the connection to the model, and leaves it usable', async () => {
    const place = await createPlace(({ index }) =>
      index === 0 ? [created(), textDelta('partial'), hang()] : textAnswer('fresh'),
    );
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    await daemon.say(conversationId, 'one');
    await socket.event('agent_message_delta');
    const answer = await socket.call('interruptConversation', { conversationId });
    expect(answer.result).toEqual({ abortReason: 'interrupted' });
    expect(socket.notifications.at(-1)?.params.msg).toEqual({ type: 'turn_aborted', reason: 'interrupted' });
    expect(await place.model.requests[0]?.closed).toBe(true);
    const from = socket.notifications.length;
    await daemon.say(conversationId, 'two');
    await socket.event('task_complete', from);
    expect(socket.notifications.slice(from).every(({ params }) => params.id === '2')).toBe(true);
  });

  test('an interrupt without a running turn is answered at once', async () => {
    const place = await createPlace(() => textAnswer('x'));
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const { status, body } = await daemon.post(`/v1/conversations/${conversationId}/interrupt`);
    expect([status, body]).toEqual([200, { abortReason: 'interrupted' }]);
  });

  test('REL-MS-14: an interrupt ends a running command with everything that it started', async () => {
    const script = 'sleep 600 & echo $! > child; echo $$ > parent; wait';
    const place = await createPlace(() => callAnswer(shell(['sh', '-c', script], 'a')));
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    await daemon.say(conversationId, 'run');
    await socket.event('exec_command_begin');
    const pid = (name: string) => Number(readFileSync(path.join(place.cwd, name), 'utf8'));
    await expect.poll(() => pid('parent')).toBeGreaterThan(0);
    await socket.call('interruptConversation', { conversationId });
    for (const name of ['parent', 'child']) await expect.poll(() => isRunning(pid(name))).toBe(false);
  });

  test("commands run under the user's own umask, not the daemon's", async () => {
    const place = await createPlace(({ index }) =>
      index === 0 ? callAnswer(shell(['sh', '-c', 'umask'], 'a')) : textAnswer('done'),
    );
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const socket = await daemon.connect();
    await socket.listen(conversationId);
    await daemon.say(conversationId, 'run');
    const { stdout } = (await socket.event('exec_command_end')).params.msg;
    expect(Number.parseInt(String(stdout), 8)).toBe(process.umask());
  });

  test('getConversation gives the messages and the event id they reach up to', async () => {
    const place = await createPlace(() => textAnswer('answer'));
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const first = await daemon.connect();
    await first.listen(conversationId);
    await daemon.say(conversationId, 'one');
    await first.event('task_complete');
    const snapshot = await daemon.get<Snapshot>(`/v1/conversations/${conversationId}`);
    expect(snapshot).toMatchObject({
      conversationId,
      path: rolloutPath,
      preview: 'one',
      loaded: true,
      archived: false,
      turn: null,
      listeners: 1,
      lastEventId: first.notifications.at(-1)?.params._meta.eventId,
    });
    expect(snapshot.messages.map(({ type }) => type)).toEqual([
      'user_message',
      'agent_message',
      'token_count',
    ]);
    const second = await daemon.connect();
    await second.call('addConversationListener', { conversationId, afterEventId: snapshot.lastEventId });
    const from = first.notifications.length;
    await daemon.say(conversationId, 'two');
    await Promise.all([first.event('task_complete', from), second.event('task_complete')]);
    expect(second.notifications).toEqual(first.notifications.slice(from));
  });
});

test('a broken config.toml is a clear error with its place, and the daemon goes on', async () => {
  const place = await createPlace(() => textAnswer('x'));
  const daemon = await place.start();
  const file = path.join(place.home, 'config.toml');
  const good = readFileSync(file, 'utf8');
  writeFileSync(file, 'model = "a"\nmodel_provider = [\n');
  const broken = await daemon.post<{ detail: string; code: number }>('/v1/conversations');
  expect(broken.status).toBe(400);
  expect(broken.body.code).toBe(-32600);
  expect(broken.body.detail).toMatch(/^error deriving config: .*line \d+, column \d+ of .*config\.toml/);
  writeFileSync(file, good);
  expect((await daemon.post('/v1/conversations')).status).toBe(201);
});
