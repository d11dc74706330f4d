import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { callAnswer, functionCall, textAnswer } from '../../src/demo/responses.ts';
import {
  createPlace,
  type DaemonProcess,
  type Place,
  rolloutLines,
  type SocketClient,
} from '../support/daemon-process.ts';

const touch = () => callAnswer(functionCall('shell', { command: ['touch', 'made'] }, 'call'));

/** A model that touches a file in every odd request and then says what it was told. */
const place = (): Promise<Place> =>
  createPlace(({ index }) => (index % 2 === 0 ? touch() : textAnswer('I see')));

interface Approval {
  approvalId: string;
  method: string;
  params: { command: string[] };
}

async function ask(daemon: DaemonProcess, socket: SocketClient): Promise<{ id: string; approval: Approval }> {
  const { conversationId } = await daemon.newConversation({ approvalPolicy: 'untrusted' });
  await socket.listen(conversationId);
  await daemon.say(conversationId, 'touch it');
  await socket.event('exec_approval_request');
  const { items } = await daemon.get<{ items: Approval[] }>(`/v1/approvals?conversationId=${conversationId}`);
  const [approval] = items;
  if (!approval) throw new Error('nothing is asked');
  return { id: conversationId, approval };
}

const answer = (daemon: DaemonProcess, { approvalId }: Approval, decision: string) =>
  daemon.post<{ decision?: string; reason?: string }>(`/v1/approvals/${approvalId}`, { decision });

const toldModel = ({ model }: Place): string => JSON.stringify(model.requests.at(-1)?.body.input.at(-1));

describe('an approval', () => {
  test('SEC-EXEC-9, REL-AP-1: goes to every listener, the first answer counts, the others are told', async () => {
    const here = await place();
    const daemon = await here.start();
    const [first, second] = [await daemon.connect(), await daemon.connect()];
    const { id, approval } = await ask(daemon, first);
    await second.listen(id);
    const stream = await daemon.stream(`/v1/conversations/${id}/events`);
    expect(approval).toMatchObject({
      method: 'execCommandApproval',
      params: { command: ['touch', 'made'] },
      program: expect.stringMatching(/^\/.*\/touch$/),
    });
    const [shown] = await Promise.all([
      first.message('execCommandApproval'),
      second.message('execCommandApproval'),
      stream.message('execCommandApproval'),
    ]);
    expect(shown.params).toMatchObject({ _meta: { approvalId: approval.approvalId } });

    first.socket.send(JSON.stringify({ id: shown.id, result: { decision: 'approved' } }));
    await first.event('task_complete');
    expect(existsSync(path.join(here.cwd, 'made'))).toBe(true);
    const resolved = { approvalId: approval.approvalId, callId: 'call', decision: 'approved' };
    expect((await second.message('approvalResolved')).params).toMatchObject(resolved);
    expect((await stream.message('approvalResolved')).params).toMatchObject(resolved);
    expect(first.notifications.map(({ method }) => method)).not.toContain('approvalResolved');

    const late = await answer(daemon, approval, 'denied');
    expect([late.status, late.body]).toMatchObject([
      409,
      { reason: 'approval_already_answered', decision: 'approved' },
    ]);
  });

  test('denied over REST is told to the model, and nothing is run', async () => {
    const here = await place();
    const daemon = await here.start();
    const socket = await daemon.connect();
    const { approval } = await ask(daemon, socket);
    expect(await answer(daemon, approval, 'maybe')).toMatchObject({ status: 400 });
    expect(await answer(daemon, approval, 'denied')).toEqual({ status: 200, body: { decision: 'denied' } });
    await socket.event('task_complete');
    expect(toldModel(here)).toContain('exec command rejected by user');
    expect(existsSync(path.join(here.cwd, 'made'))).toBe(false);
    expect((await daemon.get<{ items: object[] }>('/v1/approvals')).items).toEqual([]);
  });

  test('REL-AP-2, REL-AP-3: outlives the client that was asked and is shown to the next one', async () => {
    const here = await place();
    const daemon = await here.start();
    const first = await daemon.connect();
    const { id } = await ask(daemon, first);
    const shown = await first.message('execCommandApproval');
    first.socket.terminate();
    const second = await daemon.connect();
    await second.listen(id);
    const again = await second.message('execCommandApproval');
    expect(again.params).toEqual(shown.params);
    second.socket.send(JSON.stringify({ id: again.id, result: { decision: 'approved' } }));
    await second.event('task_complete');
    expect(existsSync(path.join(here.cwd, 'made'))).toBe(true);
  });

  test('REL-AP-3: is denied after the approval timeout when nobody listens, and the turn goes on', async () => {
    const here = await place();
    const daemon = await here.start(['-c', 'server.approval_timeout_seconds=0.4']);
    const first = await daemon.connect();
    const { id } = await ask(daemon, first);
    await first.message('execCommandApproval');
    const isOpen = async () => (await daemon.get<{ items: unknown[] }>('/v1/approvals')).items.length === 1;
    await pause(1_000);
    expect(await isOpen()).toBe(true);
    const start = performance.now();
    first.socket.terminate();
    await expect.poll(isOpen, { timeout: 5_000 }).toBe(false);
    expect(performance.now() - start).toBeGreaterThan(350);
    const second = await daemon.connect();
    await second.listen(id);
    await expect.poll(() => toldModel(here)).toContain('exec command rejected by user');
    expect(existsSync(path.join(here.cwd, 'made'))).toBe(false);
  });

  test('SEC-EXEC-9: answered with an error, or with what nobody understands, counts as denied', async () => {
    const here = await place();
    const daemon = await here.start();
    for (const reply of [{ error: { code: 1, message: 'no' } }, { result: { decision: 'perhaps' } }]) {
      const socket = await daemon.connect();
      await ask(daemon, socket);
      const { id } = await socket.message('execCommandApproval');
      socket.socket.send(JSON.stringify({ id, ...reply }));
      await socket.event('task_complete');
      expect(toldModel(here)).toContain('exec command rejected by user');
    }
  });

  test('SEC-EXEC-9: from a client that does not listen to the conversation is not taken', async () => {
    const here = await place();
    const daemon = await here.start();
    const socket = await daemon.connect();
    const { approval } = await ask(daemon, socket);
    const { id } = await socket.message('execCommandApproval');
    const stranger = await daemon.connect();
    stranger.socket.send(JSON.stringify({ id, result: { decision: 'approved' } }));
    await stranger.call('getUserAgent');
    const { items } = await daemon.get<{ items: Approval[] }>('/v1/approvals');
    expect(items.map(({ approvalId }) => approvalId)).toEqual([approval.approvalId]);
  });

  test('REL-LC-3: is withdrawn when its conversation is archived, and the command is not run', async () => {
    const here = await place();
    const daemon = await here.start();
    const socket = await daemon.connect();
    const { id, approval } = await ask(daemon, socket);
    const { path: rolloutPath } = await daemon.get<{ path: string }>(`/v1/conversations/${id}`);
    const archived = await daemon.post(`/v1/conversations/${id}/archive`, { rolloutPath });
    expect(archived.status).toBe(200);
    expect((await socket.message('approvalResolved')).params).toMatchObject({ decision: 'abort' });
    expect((await answer(daemon, approval, 'approved')).status).toBe(409);
    expect(existsSync(path.join(here.cwd, 'made'))).toBe(false);
  });

  test('SEC-EXEC-9, REL-AP-1: of an unknown id is not found', async () => {
    const daemon = await (await place()).start();
    const unknown = {
      approvalId: '11111111-2222-4333-8444-555555555555',
      method: '',
      params: { command: [] },
    };
    expect(await answer(daemon, unknown, 'approved')).toMatchObject({
      status: 404,
      body: { reason: 'approval_not_found' },
    });
  });

  test('REL-AP-4: is gone after kill -9, with its turn closed and its command not run', async () => {
    const here = await place();
    const daemon = await here.start();
    const { id, approval } = await ask(daemon, await daemon.connect());
    const { path: rolloutPath } = await daemon.get<{ path: string }>(`/v1/conversations/${id}`);
    await daemon.kill('SIGKILL');
    const again = await here.start();
    expect(await again.get('/v1/approvals')).toEqual({ items: [] });
    expect((await answer(again, approval, 'approved')).status).toBe(404);
    expect((await again.post('/v1/conversations/resume', { path: rolloutPath })).status).toBe(200);
    const ends = rolloutLines(rolloutPath).filter(({ payload }) => payload.type === 'turn_aborted');
    expect(ends).toHaveLength(1);
    expect(existsSync(path.join(here.cwd, 'made'))).toBe(false);
  });

  test('for the session holds for the same command, not for another', async () => {
    const commands = [
      ['touch', 'made'],
      ['touch', 'made'],
      ['touch', 'other'],
    ];
    const here = await createPlace(({ index }) =>
      index % 2 === 0
        ? callAnswer(functionCall('shell', { command: commands[index / 2] }, `call${index}`))
        : textAnswer('I see'),
    );
    const daemon = await here.start();
    const socket = await daemon.connect();
    const { id, approval } = await ask(daemon, socket);
    await answer(daemon, approval, 'approved_for_session');
    await socket.event('task_complete');
    let from = socket.notifications.length;
    await daemon.say(id, 'again');
    await socket.event('task_complete', from);
    expect(socket.notifications.slice(from).map(({ method }) => method)).not.toContain(
      'codex/event/exec_approval_request',
    );
    from = socket.notifications.length;
    await daemon.say(id, 'another');
    await socket.event('exec_approval_request', from);
  });
});

test('a patch waits for consent under the untrusted policy, and its diff is told afterwards', async () => {
  const patch = '*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch';
  const here = await createPlace(({ index }) =>
    index === 0
      ? callAnswer(functionCall('shell', { command: ['apply_patch', patch] }, 'call'))
      : textAnswer('done'),
  );
  const daemon = await here.start();
  const socket = await daemon.connect();
  const { conversationId } = await daemon.newConversation({ approvalPolicy: 'untrusted' });
  await socket.listen(conversationId);
  await daemon.say(conversationId, 'patch');
  const { id, params } = await socket.message('applyPatchApproval');
  const file = path.join(here.cwd, 'new.txt');
  expect(params).toMatchObject({ file_changes: { [file]: { add: { content: 'hello\n' } } } });
  expect(existsSync(file)).toBe(false);
  socket.socket.send(JSON.stringify({ id, result: { decision: 'approved' } }));
  await socket.event('task_complete');
  expect(readFileSync(file, 'utf8')).toBe('hello\n');
  expect((await socket.event('turn_diff')).params.msg.unified_diff).toContain('+hello');
});
