import { readdirSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Responder } from '../../src/demo/model-server.ts';
import { callAnswer, functionCall, textAnswer } from '../../src/demo/responses.ts';
import { createPlace, type DaemonProcess, type EventStream, type Place } from '../support/daemon-process.ts';
import { systemProcesses } from '../support/system-processes.ts';

const TINY_MCP_SERVER = path.resolve(import.meta.dirname, '../support/soak/tiny-mcp-server.ts');
const MCP = `[mcp_servers.s]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(TINY_MCP_SERVER)}]\n`;
const SOON = ['-c', 'server.unload_seconds=0.3'];

interface LoadedOne {
  readonly conversationId: string;
  readonly listeners: number;
}

async function loaded(daemon: DaemonProcess): Promise<string[]> {
  const { items } = await daemon.get<{ items: LoadedOne[] }>('/v1/conversations/loaded');
  return items.map(({ conversationId }) => conversationId);
}

const unloaded = (daemon: DaemonProcess) =>
  expect.poll(() => loaded(daemon), { timeout: 5_000, interval: 50 }).toEqual([]);

/** Says something, and waits until the turn is over, without listening. */
async function turn(daemon: DaemonProcess, place: Place, id: string, text: string): Promise<void> {
  const before = place.model.requests.length;
  expect(await daemon.say(id, text)).toMatchObject({ status: 202 });
  await place.model.waitForRequests(before + 1);
  const isOver = async () => (await daemon.get<{ turn: unknown }>(`/v1/conversations/${id}`)).turn;
  await expect.poll(isOver).toBeNull();
}

const mcpServers = ({ cwd }: Place) =>
  systemProcesses().filter((one) => one.cwd === cwd && one.command.includes('tiny-mcp-server'));

/** Rollouts that the daemon has open. */
function openRollouts({ child }: DaemonProcess): string[] {
  const folder = `/proc/${child.pid}/fd`;
  return readdirSync(folder).flatMap((fd) => {
    try {
      const target = readlinkSync(path.join(folder, fd));
      return target.endsWith('.jsonl') ? [target] : [];
    } catch {
      return [];
    }
  });
}

const methodsOf = ({ notifications }: EventStream): string[] => notifications.map(({ method }) => method);

const answer: Responder = ({ index }) => textAnswer(`answer ${index}`);

describe.runIf(process.platform === 'linux')('REL-CL-3: a conversation that nobody uses', () => {
  test('gives back memory, file and MCP servers, and goes on later as if nothing had been', async () => {
    const place = await createPlace(answer, MCP);
    const daemon = await place.start(SOON);
    const { conversationId: id } = await daemon.newConversation({
      model: 'another-model',
      cwd: path.join(place.cwd, '..'),
      approvalPolicy: 'on-request',
      sandbox: 'read-only',
      baseInstructions: 'Be brief.',
      config: { model_reasoning_effort: 'high' },
    });
    await turn(daemon, place, id, 'first');
    expect(mcpServers({ ...place, cwd: path.dirname(place.cwd) })).toHaveLength(1);
    await unloaded(daemon);
    await expect.poll(() => openRollouts(daemon)).toEqual([]);
    await expect.poll(() => mcpServers({ ...place, cwd: path.dirname(place.cwd) })).toEqual([]);
    expect(await (await daemon.fetch('/metrics')).text()).toMatch(/^codexd_conversations_loaded 0$/m);
    const events = await daemon.stream(`/v1/conversations/${id}/events`);
    expect(await loaded(daemon)).toEqual([id]);
    await turn(daemon, place, id, 'second');
    const [before, after] = place.model.requests.map(({ body }) => body);
    const { input: earlier, ...settings } = before ?? { input: [] };
    expect(after).toMatchObject(settings);
    expect(after?.input.slice(0, earlier.length)).toEqual(earlier);
    expect(after?.input.slice(earlier.length)).toMatchObject([
      { role: 'assistant', content: [{ text: 'answer 0' }] },
      { role: 'user', content: [{ text: 'second' }] },
    ]);
    // The number of the turn goes on where it was.
    expect((await events.event('task_started')).params.id).toBe('1');
  });

  const CALLS: Readonly<Record<string, (daemon: DaemonProcess, id: string, rolloutPath: string) => unknown>> =
    {
      'a snapshot': (daemon, id) => daemon.get(`/v1/conversations/${id}`),
      'a turn': (daemon, id) => daemon.say(id, 'more'),
      'an interrupt': (daemon, id) => daemon.post(`/v1/conversations/${id}/interrupt`),
      'a listener': (daemon, id) => daemon.post(`/v1/conversations/${id}/listeners`),
      'a stream': (daemon, id) => daemon.stream(`/v1/conversations/${id}/events`),
      'a resume': (daemon, _id, rolloutPath) =>
        daemon.post('/v1/conversations/resume', { path: rolloutPath, overrides: { model: 'of-the-resume' } }),
    };

  test('comes back for every call that names it, with its own settings', { timeout: 20_000 }, async () => {
    const place = await createPlace(answer);
    const daemon = await place.start(SOON);
    for (const [name, call] of Object.entries(CALLS)) {
      const { conversationId: id, rolloutPath } = await daemon.newConversation({ model: 'of-the-start' });
      await turn(daemon, place, id, 'hello');
      const poll = expect.poll(async () => (await loaded(daemon)).includes(id), { timeout: 5_000 });
      await poll.toBe(false);
      await call(daemon, id, rolloutPath);
      expect([name, await loaded(daemon)]).toEqual([name, expect.arrayContaining([id])]);
      const snapshot = await daemon.get(`/v1/conversations/${id}`);
      expect(snapshot).toMatchObject({ loaded: true, model: 'of-the-start', preview: 'hello' });
    }
  });

  test('is archived without being loaded, and is then unknown', async () => {
    const place = await createPlace(answer);
    const daemon = await place.start(SOON);
    const { conversationId: id, rolloutPath } = await daemon.newConversation();
    await turn(daemon, place, id, 'hello');
    await unloaded(daemon);
    expect(await daemon.post(`/v1/conversations/${id}/archive`, { rolloutPath })).toMatchObject({
      status: 200,
    });
    expect(await daemon.say(id, 'more')).toMatchObject({ status: 404 });
    expect(await daemon.get(`/v1/conversations/${id}`)).toMatchObject({ loaded: false, archived: true });
  });

  test('is loaded once for all who ask at the same time', async () => {
    const place = await createPlace(answer, MCP);
    const daemon = await place.start(SOON);
    const { conversationId: id } = await daemon.newConversation();
    await turn(daemon, place, id, 'hello');
    await unloaded(daemon);
    const streams = await Promise.all(
      Array.from({ length: 10 }, () => daemon.stream(`/v1/conversations/${id}/events`)),
    );
    expect(mcpServers(place)).toHaveLength(1);
    await turn(daemon, place, id, 'again');
    const ids = await Promise.all(streams.map((events) => events.event('task_complete')));
    expect(new Set(ids.map(({ params }) => params._meta.eventId)).size).toBe(1);
  });

  test('REL-LOG-6: has events of another run then: an id of before, and what nobody heard, get a gap', async () => {
    const place = await createPlace(answer);
    const daemon = await place.start(SOON);
    const { conversationId: id } = await daemon.newConversation();
    const { conversationId: heard } = await daemon.newConversation();
    await turn(daemon, place, id, 'unheard');
    const listener = await daemon.post<{ subscriptionId: string }>(`/v1/conversations/${heard}/listeners`);
    await turn(daemon, place, heard, 'hello');
    await daemon.fetch(`/v1/listeners/${listener.body.subscriptionId}`, { method: 'DELETE' });
    const { lastEventId } = await daemon.get<{ lastEventId: string }>(`/v1/conversations/${heard}`);
    await unloaded(daemon);
    const first = await daemon.stream(`/v1/conversations/${id}/events`);
    const second = await daemon.stream(`/v1/conversations/${id}/events`);
    const late = await daemon.stream(`/v1/conversations/${heard}/events`, { 'last-event-id': lastEventId });
    const fresh = await daemon.stream(`/v1/conversations/${heard}/events`);
    await daemon.say(id, 'now');
    await daemon.say(heard, 'now');
    await Promise.all([first, second, late, fresh].map((events) => events.event('task_started')));
    expect(methodsOf(first).slice(0, 2)).toEqual(['codex/event/gap', 'codex/event/task_started']);
    expect(methodsOf(second)[0]).toBe('codex/event/task_started');
    expect(methodsOf(late).slice(0, 2)).toEqual(['codex/event/gap', 'codex/event/task_started']);
    expect(methodsOf(fresh)[0]).toBe('codex/event/task_started');
  });

  test('can be taken over by another program, which then keeps it; reading it works all the time', async () => {
    const place = await createPlace(answer);
    const daemon = await place.start(SOON);
    const { conversationId: id, rolloutPath } = await daemon.newConversation();
    await turn(daemon, place, id, 'hello');
    await unloaded(daemon);
    const other = await createPlace(answer);
    const theirs = await other.start();
    expect(await theirs.post('/v1/conversations/resume', { path: rolloutPath })).toMatchObject({
      status: 200,
    });
    const refused = await daemon.post(`/v1/conversations/${id}/interrupt`);
    expect(refused).toMatchObject({ status: 409, body: { reason: 'conversation_locked' } });
    expect(await daemon.get(`/v1/conversations/${id}`)).toMatchObject({ loaded: false, preview: 'hello' });
    await theirs.kill('SIGTERM');
    expect(await daemon.post(`/v1/conversations/${id}/interrupt`)).toMatchObject({ status: 200 });
  });

  test('stays while somebody listens, a turn runs, a question is open or a program of it runs', async () => {
    const answered = Promise.withResolvers<void>();
    const place = await createPlace(async ({ body, index }) => {
      const text = JSON.stringify(body.input.at(-1));
      if (text.includes('wait')) await answered.promise;
      if (text.includes('ask')) return callAnswer(functionCall('shell', { command: ['rm', 'x'] }));
      const background = 'sleep 1.5 >/dev/null 2>&1 &';
      if (text.includes('start'))
        return callAnswer(functionCall('shell', { command: ['sh', '-c', background] }));
      return textAnswer(`${index}`);
    });
    const daemon = await place.start(SOON);
    const make = async (params?: object) => (await daemon.newConversation(params)).conversationId;
    const ids = [await make(), await make(), await make({ approvalPolicy: 'untrusted' }), await make()];
    const [listened = '', running = '', asked = '', program = ''] = ids;
    const { body } = await daemon.post<{ subscriptionId: string }>(`/v1/conversations/${listened}/listeners`);
    await daemon.say(running, 'wait');
    await daemon.say(asked, 'ask');
    await daemon.say(program, 'start');
    await pause(1_200);
    expect((await loaded(daemon)).sort()).toEqual(ids.toSorted());
    await expect.poll(() => loaded(daemon), { timeout: 5_000 }).not.toContain(program);
    await daemon.fetch(`/v1/listeners/${body.subscriptionId}`, { method: 'DELETE' });
    answered.resolve();
    const { items } = await daemon.get<{ items: { approvalId: string }[] }>('/v1/approvals');
    await daemon.post(`/v1/approvals/${items[0]?.approvalId}`, { decision: 'abort' });
    await unloaded(daemon);
  });

  test('stays for ever if the settings say so, and when its file is gone', async () => {
    const place = await createPlace(answer);
    const daemon = await place.start(['-c', 'server.unload_seconds=0']);
    const { conversationId: id } = await daemon.newConversation();
    await turn(daemon, place, id, 'hello');
    await pause(700);
    expect(await loaded(daemon)).toEqual([id]);
  });
});
