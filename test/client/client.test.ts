import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Client, type ConnectOptions, connect, type Update } from '../../src/client/node.ts';
import { wait } from '../../src/demo/answers.ts';
import { callAnswer, functionCall, textAnswer } from '../../src/demo/responses.ts';
import { createPlace, type Place } from '../support/daemon-process.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

const answer = () => textAnswer('hello there');
const ASKING = ['-c', 'approval_policy="untrusted"', '-c', 'sandbox_mode="read-only"'];

/** A client that finds its daemon as a program does, by the environment. */
async function connectTo(place: Place, options: ConnectOptions = {}): Promise<Client> {
  vi.stubEnv('CODEX_HOME', place.home);
  onTestFinished(() => void vi.unstubAllEnvs());
  const client = await connect(options);
  onTestFinished(() => client.close());
  return client;
}

const askingModel = () =>
  createPlace(({ body }) =>
    body.input.some(({ type }) => type === 'function_call_output')
      ? textAnswer('done')
      : callAnswer(functionCall('shell', { command: ['touch', 'x'] })),
  );

/** A model whose answer comes in two halves, the second when the test lets it. */
async function halvesModel(): Promise<Place & { words: string[]; release(): void }> {
  const gate = Promise.withResolvers<void>();
  const words = Array.from({ length: 40 }, (_, index) => `word${index} `);
  const steps = textAnswer(words.join(''));
  const place = await createPlace(() => [...steps.slice(0, 20), wait(gate.promise), ...steps.slice(20)]);
  return { ...place, words, release: gate.resolve };
}

async function untilDelta(updates: AsyncIterableIterator<Update>, count: number): Promise<string[]> {
  const deltas: string[] = [];
  while (deltas.length < count) {
    const { value, done } = await updates.next();
    if (done) throw new Error('the updates ended');
    deltas.push(...deltasOf([value]));
  }
  return deltas;
}

async function collect(updates: AsyncIterable<Update>): Promise<Update[]> {
  const all: Update[] = [];
  for await (const update of updates) all.push(update);
  return all;
}

const deltasOf = (updates: readonly Update[]): string[] =>
  updates.flatMap((update) =>
    update.kind === 'event' && update.msg.type === 'agent_message_delta' ? [update.msg.delta] : [],
  );

const kindOf = (update: Update): string => (update.kind === 'event' ? update.msg.type : update.kind);

describe('a turn', { timeout: 30_000 }, () => {
  it('is iterated from its start to its end, and tells what came of it', async () => {
    const place = await createPlace(answer);
    await place.start();
    const client = await connectTo(place, { clientInfo: { name: 'a_test', version: '7' } });
    const conversation = await client.newConversation();
    const turn = conversation.run('hi');
    const updates = await collect(turn);
    expect([kindOf(updates[0] as Update), kindOf(updates.at(-1) as Update)]).toEqual([
      'task_started',
      'task_complete',
    ]);
    expect(deltasOf(updates).join('')).toBe('hello there');
    expect(await turn.result).toEqual({
      status: 'completed',
      lastAgentMessage: 'hello there',
      error: undefined,
    });
    expect((await client.call('getUserAgent')).userAgent).toContain('a_test');
    expect((await conversation.run('again').result).status).toBe('completed');
  });

  it('is interrupted by its signal, also when that is aborted before the model says anything', async () => {
    const place = await createPlace(() => [wait(new Promise(() => {}))]);
    await place.start();
    const client = await connectTo(place);
    const conversation = await client.newConversation();
    const abort = new AbortController();
    const turn = conversation.run('hi', { signal: abort.signal });
    abort.abort();
    await expect(turn.result).rejects.toThrow('aborted');
    const late = new AbortController();
    const second = conversation.run('hi', { signal: late.signal });
    for await (const update of second) if (kindOf(update) === 'task_started') late.abort();
    expect((await second.result).status).toBe('interrupted');
    expect((await conversation.get()).turn).toBeNull();
  });

  it('that cannot reach the model has failed, and says why', async () => {
    const place = await createPlace(() => ({ status: 400, body: { error: { message: 'no' } } }));
    const once = ['request_max_retries', 'stream_max_retries'];
    await place.start(once.flatMap((key) => ['-c', `model_providers.test.${key}=0`]));
    const client = await connectTo(place);
    const result = await (await client.newConversation()).run('hi').result;
    expect(result).toMatchObject({ status: 'failed', error: expect.stringContaining('400') });
  });
});

describe('an approval', { timeout: 30_000 }, () => {
  it('is answered by one client, and the others learn of it', async () => {
    const place = await askingModel();
    await place.start(ASKING);
    const [one, other] = await Promise.all([connectTo(place), connectTo(place)]);
    const conversation = await one.newConversation();
    const told = Promise.withResolvers<unknown>();
    const shown = Promise.withResolvers<void>();
    other.onApproval(async ({ signal, method, params }) => {
      expect([method, params]).toMatchObject(['execCommandApproval', { command: ['touch', 'x'] }]);
      shown.resolve();
      await once(signal, 'abort');
      told.resolve(signal.reason);
      return 'approved';
    });
    const watching = other.conversation(conversation.id).follow();
    await vi.waitFor(async () => expect((await conversation.get()).listeners).toBe(1));
    const { result } = conversation.run('go', {
      async onApproval() {
        await shown.promise;
        return 'denied';
      },
    });
    expect((await result).lastAgentMessage).toBe('done');
    expect(await told.promise).toMatchObject({ name: 'ApprovalSettled', decision: 'denied' });
    await watching.return?.();
    await vi.waitFor(async () => expect((await conversation.get()).listeners).toBe(0));
  });
});

describe('a lost connection', { timeout: 60_000 }, () => {
  it('loses and doubles no word of a turn, however often it happens', async () => {
    const place = await halvesModel();
    const daemon = await place.start();
    const proxy = await startTcpProxy(path.join(place.home, 'codexd/codexd.sock'));
    const client = await connectTo(place, { url: proxy.url, token: daemon.token });
    const conversation = await client.newConversation();
    const again = async (): Promise<void> => {
      const states: string[] = [];
      const stop = client.onState((state) => states.push(state));
      proxy.cut();
      await vi.waitFor(() => expect(states).toEqual(['reconnecting', 'connected']));
      stop();
    };
    const turn = conversation.run('hi');
    const updates = turn[Symbol.asyncIterator]() as AsyncIterableIterator<Update>;
    const before = await untilDelta(updates, 5);
    await again();
    place.release();
    await again();
    const after = deltasOf(await collect(updates));
    expect([...before, ...after]).toEqual(place.words);
    expect((await turn.result).status).toBe('completed');
  });

  it('REL-SIG-7: ends the turn that the daemon took down with it, and the conversation goes on with the next one', async () => {
    const place = await halvesModel();
    const daemon = await place.start();
    const client = await connectTo(place);
    const conversation = await client.newConversation();
    const followed: string[] = [];
    void (async () => {
      for await (const update of conversation.follow()) followed.push(kindOf(update));
    })();
    const turn = conversation.run('hi');
    await untilDelta(turn[Symbol.asyncIterator]() as AsyncIterableIterator<Update>, 3);
    const lost = client.call('execOneOffCommand', { command: ['sleep', '9'] });
    const failure = expect(lost).rejects.toMatchObject({ name: 'ConnectionError', fault: 'lost' });
    await daemon.kill('SIGKILL');
    await failure;
    await place.start();
    expect((await turn.result).status).toBe('interrupted');
    place.release();
    expect(await conversation.run('again').result).toMatchObject({ status: 'completed' });
    await vi.waitFor(() => expect(followed).toContain('task_complete'));
    expect(followed.filter((kind) => /snapshot|task_/.test(kind))).toEqual([
      'task_started',
      'snapshot',
      'task_started',
      'task_complete',
    ]);
  });
});

describe('a following', { timeout: 30_000 }, () => {
  it('that joins in the middle begins with a snapshot, and the events after it come once', async () => {
    const place = await halvesModel();
    await place.start();
    const client = await connectTo(place);
    const conversation = await client.newConversation();
    const turn = conversation.run('hi');
    const updates = turn[Symbol.asyncIterator]() as AsyncIterableIterator<Update>;
    const first = await untilDelta(updates, 10);
    const following = conversation.follow({ snapshot: true });
    const { value: snapshot } = await following.next();
    expect(snapshot).toMatchObject({ kind: 'snapshot', conversation: { turn: { id: '0' } } });
    place.release();
    const rest = deltasOf(await collect(updates));
    expect([...first, ...rest]).toEqual(place.words);
    const deltas = await untilDelta(following, 20);
    expect(place.words.join('').endsWith(deltas.join(''))).toBe(false);
    expect(place.words.join('')).toContain(deltas.join(''));
  });

  it('ends when the conversation is archived', async () => {
    const place = await createPlace(answer);
    await place.start();
    const client = await connectTo(place);
    const conversation = await client.newConversation();
    await conversation.run('hi').result;
    const following = conversation.follow({ snapshot: true });
    expect(kindOf((await following.next()).value)).toBe('snapshot');
    const { id: conversationId, rolloutPath } = conversation;
    await client.call('archiveConversation', { conversationId, rolloutPath });
    expect((await collect(following)).map(kindOf)).toEqual(['shutdown_complete']);
  });

  it('of what does not exist fails with the words of the daemon', async () => {
    const place = await createPlace(answer);
    await place.start();
    const client = await connectTo(place);
    const unknown = client.conversation('7d444840-9dc0-11d1-b245-5ffdce74fad2').follow();
    await expect(unknown.next()).rejects.toMatchObject({
      name: 'RequestError',
      code: -32600,
      reason: 'conversation_not_found',
    });
  });
});

describe('connecting', { timeout: 30_000 }, () => {
  it('says when there is no daemon, and when it refuses, without the token', async () => {
    const place = await createPlace(answer);
    await expect(connectTo(place)).rejects.toMatchObject({ fault: 'not_running', message: /codexd serve/ });
    const daemon = await place.start();
    const token = `${daemon.token}-wrong`;
    const refusal = await connectTo(place, { token }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ fault: 'refused', message: expect.stringContaining('not valid') });
    expect(String(refusal)).not.toContain(token);
    await daemon.kill('SIGKILL');
    await expect(connectTo(place)).rejects.toMatchObject({ fault: 'not_running', message: /is gone/ });
    await expect(connectTo(place, { url: daemon.url, token })).rejects.toMatchObject({
      fault: 'unreachable',
    });
  });

  it('takes every token that the daemon takes', async () => {
    const place = await createPlace(answer);
    const token = 'a/token=with:characters(of)"any"kind,12345';
    await place.start([], { CODEXD_TOKEN: token });
    const client = await connectTo(place);
    expect((await client.call('getServerInfo')).name).toBe('codexd');
    client.close();
    await expect(client.call('getUserAgent')).rejects.toMatchObject({ fault: 'closed' });
  });
});

describe('who joins in the middle of a turn', () => {
  it('is given all of it by a detailed snapshot and the events after it', async () => {
    const { words, release, ...place } = await halvesModel();
    await place.start();
    const client = await connectTo(place);
    const conversation = await client.newConversation();
    const turn = conversation.run('many words');
    await untilDelta(turn[Symbol.asyncIterator]() as AsyncIterableIterator<Update>, 15);
    const late = await connectTo(place);
    const updates = late.conversation(conversation.id).follow({ snapshot: true, detailed: true });
    const first: Update | undefined = (await updates.next()).value;
    if (first?.kind !== 'snapshot') throw new Error('no snapshot');
    const { messages, turn: running, lastEventId } = first.conversation;
    expect(messages.map(({ type }) => type)).toEqual(['user_message']);
    expect(running?.events?.at(-1)?.eventId).toBe(lastEventId);
    const before = (running?.events ?? []).flatMap(({ msg }) =>
      msg.type === 'agent_message_delta' ? [msg.delta] : [],
    );
    release();
    const after = await untilDelta(updates, words.length - before.length);
    expect([...before, ...after]).toEqual(words);
    await turn.result;
    const { messages: stored } = await late.call('getConversation', {
      conversationId: conversation.id,
      detailed: true,
    });
    expect(stored.map(({ type }) => type)).toEqual(['user_message', 'agent_message', 'token_count']);
  });

  it('is given a snapshot again on demand, in its place among the events', async () => {
    const place = await createPlace(answer);
    await place.start();
    const client = await connectTo(place);
    const conversation = await client.newConversation();
    const updates = conversation.follow({ snapshot: true });
    await updates.next();
    await conversation.run('hello').result;
    conversation.refresh();
    for await (const update of updates) {
      if (update.kind !== 'snapshot') continue;
      expect(update.conversation.messages[0]).toMatchObject({ type: 'user_message', message: 'hello' });
      break;
    }
  });
});

it('a daemon that has no time at the moment is not one that refuses', async () => {
  const server = createServer((_request, response) => response.writeHead(503).end('{"detail":"draining"}'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await expect(connect({ url, token: 'x'.repeat(40) })).rejects.toMatchObject({ fault: 'unreachable' });
});
