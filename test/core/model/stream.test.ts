import { Agent } from 'undici';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ModelEvent } from '../../../src/core/model/types.ts';
import { type Answer, raw, type SseEvent, wait } from '../../../src/demo/answers.ts';
import * as api from '../../../src/demo/responses.ts';
import { collect, failing, serve, step } from './model-step.ts';

const WHOLE = [
  api.created(),
  api.reasoningSection(),
  api.reasoningSummaryDelta('**Think**'),
  api.reasoningTextDelta('raw'),
  api.itemDone(api.reasoning('**Think**')),
  api.textDelta('Grüße '),
  api.textDelta('👩‍👩‍👧 世界'),
  api.itemDone(api.message('Grüße 👩‍👩‍👧 世界')),
  api.itemDone(api.functionCall('shell', { command: ['ls'] })),
  api.completed({ input: 10, output: 5, cached: 2, reasoning: 1 }),
];

const EVENTS: ModelEvent[] = [
  { type: 'created' },
  { type: 'reasoning_section_break' },
  { type: 'reasoning_summary_delta', delta: '**Think**' },
  { type: 'reasoning_content_delta', delta: 'raw' },
  {
    type: 'item_done',
    item: {
      type: 'reasoning',
      summary: [{ type: 'summary_text', text: '**Think**' }],
      content: null,
      encrypted_content: 'ENC',
    },
  },
  { type: 'text_delta', delta: 'Grüße ' },
  { type: 'text_delta', delta: '👩‍👩‍👧 世界' },
  {
    type: 'item_done',
    item: {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'output_text', text: 'Grüße 👩‍👩‍👧 世界' }],
    },
  },
  {
    type: 'item_done',
    item: { type: 'function_call', name: 'shell', arguments: '{"command":["ls"]}', call_id: 'call_1' },
  },
  {
    type: 'completed',
    usage: {
      input_tokens: 10,
      cached_input_tokens: 2,
      output_tokens: 5,
      reasoning_output_tokens: 1,
      total_tokens: 15,
    },
  },
];

const encode = (events: readonly SseEvent[], end = '\n') =>
  Buffer.from(events.map((e) => `event: ${e.type}${end}data: ${JSON.stringify(e)}${end}${end}`).join(''));

async function* bytes(buffer: Buffer, size: number) {
  for (let at = 0; at < buffer.length; at += size) yield raw(buffer.subarray(at, at + size));
}

async function streamed(answer: Answer): Promise<ModelEvent[]> {
  return collect(step((await serve(answer)).url));
}

const items = (events: ModelEvent[]) => events.filter((event) => event.type === 'item_done');

describe('the events of a step', () => {
  it('come in stream order and end with the usage', async () => {
    expect(await streamed(WHOLE)).toEqual(EVENTS);
  });

  it.each([1, 2, 3, 7])(
    'REL-MS-5: are the same when the stream arrives in pieces of %d bytes',
    async (size) => {
      expect(await streamed(bytes(encode(WHOLE), size))).toEqual(EVENTS);
    },
  );

  it.each([
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('are the same with lines that end in %s, cut anywhere', async (_, end) => {
    const stream = encode(WHOLE, end);
    expect(await streamed([raw(stream)])).toEqual(EVENTS);
    expect(await streamed(bytes(stream, 5))).toEqual(EVENTS);
  });

  it('REL-MS-4: are the same with a byte order mark, comments, retry lines, and data split over lines', async () => {
    const pretty = JSON.stringify(api.textDelta('x'), null, 1).replaceAll('\n', '\ndata: ');
    const stream = `\uFEFF: hello\n\nretry: 10\nid: 7\ndata:${pretty}\n\n: ping\n\n`;
    const [first, ...rest] = await streamed([raw(stream), ...WHOLE]);
    expect(first).toEqual({ type: 'text_delta', delta: 'x' });
    expect(rest).toEqual(EVENTS);
  });

  it('REL-MS-5: have replacement characters for bytes that are no UTF-8', async () => {
    const broken = Buffer.concat([Buffer.from('data: {"type":"response.output_text.delta","delta":"a')]);
    const tail = Buffer.from('b"}\n\n');
    const stream = Buffer.concat([broken, Buffer.from([0xe4, 0xb8, 0xff]), tail, encode(WHOLE)]);
    const whole = await streamed([raw(stream)]);
    expect(whole[0]).toEqual({ type: 'text_delta', delta: 'a\uFFFD\uFFFDb' });
    expect(await streamed(bytes(stream, 1))).toEqual(whole);
  });

  it('REL-MS-4: leave out what is unknown or broken', async () => {
    const odd = ['{"type":"respon', '[1]', 'null', '[DONE]', '{"delta":"x"}', '{"type":5}'];
    const events = await streamed([
      ...odd.map((data) => raw(`event: response.completed\ndata: ${data}\n\n`)),
      { type: 'response.in_progress' },
      { type: 'ping' },
      { type: 'response.output_text.delta' },
      { type: 'response.output_text.delta', delta: 5 },
      api.itemDone({ type: 'mystery' }),
      api.itemDone({ type: 'function_call', name: 'no arguments' }),
      { type: 'response.output_item.done' },
      { type: 'response.failed' },
      ...WHOLE,
    ]);
    expect(events).toEqual(EVENTS);
  });

  it('are counted in the log when they could not be understood', async () => {
    const warnings: object[] = [];
    const log = { debug: () => {}, warn: (details: object) => warnings.push(details) };
    const { url } = await serve([raw('data: {\n\ndata: []\n\n'), ...WHOLE]);
    await collect(step(url, { log }));
    expect(warnings).toEqual([{ count: 2 }]);
  });

  it('do not carry members of a poisoned prototype', async () => {
    const poisoned = '{"type":"response.output_text.delta","delta":"x","__proto__":{"a":1}}';
    expect((await streamed([raw(`data: ${poisoned}\n\n`), ...WHOLE]))[0]).toEqual({
      type: 'text_delta',
      delta: 'x',
    });
  });

  it('announce web searches and tell their call ids, which are not kept', async () => {
    const search = api.webSearchCall('cats', 'ws_7');
    const events = await streamed([api.itemAdded(search), api.itemDone(search), ...WHOLE]);
    expect(events.slice(0, 2)).toEqual([
      { type: 'web_search_begin', callId: 'ws_7' },
      {
        type: 'item_done',
        item: {
          type: 'web_search_call',
          status: 'completed',
          action: { type: 'search', query: 'cats' },
        },
        webSearchCallId: 'ws_7',
      },
    ]);
  });

  it('tell the id of a local shell call only when it has no call id', async () => {
    const named = api.localShellCall(['ls'], 'c1');
    const [one, two] = items(
      await streamed([api.itemDone(named), api.itemDone({ ...named, call_id: null }), ...WHOLE]),
    );
    expect(one).not.toHaveProperty('localShellCallId');
    expect(one).toMatchObject({ item: { call_id: 'c1' } });
    expect(two).toMatchObject({ item: { call_id: null }, localShellCallId: 'lsh_c1' });
  });

  it('REL-MS-10: stop at the first completion', async () => {
    const events = await streamed([...WHOLE, api.textDelta('late'), api.completed({ input: 99, output: 1 })]);
    expect(events).toEqual(EVENTS);
  });

  it('end at the completion although the server keeps the stream open', async () => {
    const server = await serve([...WHOLE, wait(new Promise(() => {}))]);
    expect(await collect(step(server.url))).toEqual(EVENTS);
    expect(await (await server.nextRequest()).closed).toBe(true);
  });

  it.each([
    ['no usage', { id: 'r' }, null],
    ['a null usage', { id: 'r', usage: null }, null],
  ])('complete with %s', async (_, response, usage) => {
    const events = await streamed([{ type: 'response.completed', response }]);
    expect(events).toEqual([{ type: 'completed', usage }]);
  });

  it('complete with a usage without details', async () => {
    const usage = { input_tokens: 3, output_tokens: 4, total_tokens: 7 };
    const events = await streamed([{ type: 'response.completed', response: { id: 'r', usage } }]);
    expect(events).toEqual([
      { type: 'completed', usage: { ...usage, cached_input_tokens: 0, reasoning_output_tokens: 0 } },
    ]);
  });

  it('arrive while the stream is still open', async () => {
    const gate = Promise.withResolvers<void>();
    const { url } = await serve([api.created(), wait(gate.promise), api.completed()]);
    const events = step(url)[Symbol.asyncIterator]();
    expect((await events.next()).value).toEqual({ type: 'created' });
    gate.resolve();
    expect((await events.next()).value).toMatchObject({ type: 'completed' });
  });

  it('are all delivered to a slow consumer although the server has long since gone', async () => {
    const server = await serve(api.textAnswer('word '.repeat(500)));
    const events = step(server.url)[Symbol.asyncIterator]();
    await events.next();
    await (await server.nextRequest()).closed;
    let last: ModelEvent | undefined;
    for (let next = await events.next(); !next.done; next = await events.next()) last = next.value;
    expect(last?.type).toBe('completed');
  });

  it('REL-MS-6: are complete also when they are many and one is large', async () => {
    const { url } = await serve(
      (function* () {
        for (let i = 0; i < 100_000; i++) yield api.textDelta('word ');
        yield api.textDelta('x'.repeat(5_000_000));
        yield api.completed();
      })(),
    );
    let characters = 0;
    for await (const event of step(url)) if (event.type === 'text_delta') characters += event.delta.length;
    expect(characters).toBe(5_500_000);
  });

  it('REL-MS-13: of the next step use the same connection, untouched by what came after the completion', async () => {
    const { url } = await serve(({ index }) => [...api.textAnswer(`answer ${index}`), api.textDelta('late')]);
    const dispatcher = new Agent();
    onTestFinished(() => dispatcher.close());
    const free = () => Object.values(dispatcher.stats).map((pool) => ('free' in pool ? pool.free : 0));
    let connections = 0;
    dispatcher.on('connect', () => connections++);
    for (const index of [0, 1]) {
      const [item] = items(await collect(step(url, { dispatcher })));
      expect(item).toMatchObject({ item: { content: [{ text: `answer ${index}` }] } });
      await expect.poll(free).toEqual([1]);
    }
    expect(connections).toBe(1);
  });

  it('REL-MS-6: break off when the stream has an event without end', async () => {
    const chunk = raw('x'.repeat(1024 * 1024));
    const { url } = await serve(
      (async function* () {
        yield raw('data: ');
        for (let i = 0; i < 70; i++) yield chunk;
      })(),
    );
    const { error } = await failing(step(url));
    expect(error).toMatchObject({ message: expect.stringContaining('longer than 64 Mi'), retryable: false });
  });
});
