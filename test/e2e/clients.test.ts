import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { textAnswer } from '../../src/demo/responses.ts';
import { createPlace } from '../support/daemon-process.ts';
import { systemProcesses } from '../support/system-processes.ts';

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly error?: { code: number };
}

/** A client that has never heard of anything: keeps all messages in the order of their arrival. */
async function strangerOf({ url, token }: { url: string; token: string }) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const messages: Message[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(data.toString())));
  await new Promise((resolve) => socket.once('open', resolve));
  const send = (message: object): void => socket.send(JSON.stringify(message));
  const answer = (id: number) => expect.poll(() => messages.find((message) => message.id === id));
  return { socket, messages, send, answer };
}

describe('REL-CL-10: a connection', () => {
  test('gets the answer to its message before what the turn does next, and nothing after the end of a conversation', async () => {
    const place = await createPlace(() => textAnswer('hello'));
    const daemon = await place.start();
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const { socket, messages, send, answer } = await strangerOf(daemon);
    send({ id: 1, method: 'addConversationListener', params: { conversationId } });
    await answer(1).toBeDefined();
    const items = [{ type: 'text', data: { text: 'hi' } }];
    send({ id: 2, method: 'sendUserMessage', params: { conversationId, items } });
    const isOver = () => messages.some(({ method }) => method === 'codex/event/task_complete');
    await expect.poll(isOver).toBe(true);
    const position = (found: (message: Message) => boolean): number => messages.findIndex(found);
    const answered = position(({ id }) => id === 2);
    expect(answered).toBeGreaterThan(-1);
    expect(answered).toBeLessThan(position(({ method }) => method === 'codex/event/agent_message'));
    send({ id: 3, method: 'archiveConversation', params: { conversationId, rolloutPath } });
    await answer(3).toBeDefined();
    const count = messages.length;
    send({ id: 4, method: 'getUserAgent' });
    await answer(4).toBeDefined();
    expect(messages.slice(count).map(({ id }) => id)).toEqual([4]);
    socket.terminate();
  });
});

describe('REL-CL-7: a client of another version', () => {
  test('may leave out the handshake, say what nobody knows, and is told what it got wrong', async () => {
    const place = await createPlace(() => textAnswer('hello'));
    const daemon = await place.start();
    const { socket, messages, send, answer } = await strangerOf(daemon);
    send({ id: 1, method: 'newConversation', params: { of: 'the future', model: null } });
    await answer(1).toMatchObject({ result: { conversationId: expect.any(String) } });
    send({ id: 2, method: 'thread/start', params: {} });
    await answer(2).toMatchObject({ error: { code: -32601 } });
    send({ id: 3, method: 'sendUserMessage', params: { thread: 1 } });
    await answer(3).toMatchObject({
      error: { code: -32602, message: expect.stringContaining('conversationId') },
    });
    send({ method: 'of/the/future', params: {} });
    send({ id: 4, method: 'getUserAgent', params: {}, trace: 1 });
    await answer(4).toMatchObject({ result: {} });
    expect(messages).toHaveLength(4);
    socket.terminate();
  });
});

describe('REL-CL-8: a client that goes away in the middle of a call', () => {
  test.each([
    ['ends the command that it runs within a second', {}, false],
    ['leaves a command alone that it may ask for again by its key', { 'idempotency-key': 'again' }, true],
  ])('%s', async (_what, headers, goesOn) => {
    const place = await createPlace(() => textAnswer('hello'));
    const daemon = await place.start();
    const cut = new AbortController();
    const running = () => systemProcesses().some(({ command }) => command === 'sleep 7.31');
    const call = daemon.fetch('/v1/exec', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ command: ['sleep', '7.31'] }),
      signal: cut.signal,
    });
    await expect.poll(running).toBe(true);
    cut.abort();
    await expect(call).rejects.toThrow();
    if (goesOn) {
      await daemon.get('/v1/user-agent');
      expect(running()).toBe(true);
    } else await expect.poll(running, { timeout: 1_000 }).toBe(false);
    const operations = await (await daemon.fetch('/metrics')).text();
    expect(operations).toContain(`codexd_child_processes ${goesOn ? 1 : 0}`);
    await daemon.kill('SIGTERM');
  });
});
