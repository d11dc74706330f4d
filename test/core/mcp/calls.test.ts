import { describe, expect, test } from 'vitest';
import { call, connected, says, scriptedServer, tool } from './scripted-server.ts';

const text = (value: string) => ({ type: 'text', text: value });

describe('the tools that the model is told of', () => {
  test('are sorted, reduced and named by server and tool', async () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'integer' } },
      required: ['a'],
      additionalProperties: false,
    };
    const b = await scriptedServer({ tools: [tool('z', schema), { ...tool('a'), description: 'does a' }] });
    const a = await scriptedServer({ tools: [tool('one')] });
    const { specs, failures } = await connected({ b, a });
    expect(failures).toEqual([]);
    expect(specs).toEqual([
      {
        type: 'function',
        name: 'a__one',
        description: '',
        strict: false,
        parameters: { type: 'object', properties: {} },
      },
      {
        type: 'function',
        name: 'b__a',
        description: 'does a',
        strict: false,
        parameters: { type: 'object', properties: {} },
      },
      {
        type: 'function',
        name: 'b__z',
        description: '',
        strict: false,
        parameters: { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] },
      },
    ]);
  });

  test('do not include those with a schema that cannot be reduced, which can be called all the same', async () => {
    const server = await scriptedServer({
      tools: [tool('good'), tool('odd', { type: 'object', properties: { a: { type: 'null' } } })],
      calls: { odd: says('called') },
    });
    const connections = await connected({ s: server });
    expect(connections.specs.map(({ name }) => name)).toEqual(['s__good']);
    expect(connections.warnings).toMatchObject([
      { details: { tool: 's__odd', reason: '`a` has the unsupported type "null"' } },
    ]);
    expect(connections.has('s__odd')).toBe(true);
    expect(await call(connections, 's__odd').output).toBe('[{"text":"called","type":"text"}]');
  });

  test('do not suffer from a broken one beside them', async () => {
    const server = await scriptedServer({ tools: [{ name: 'broken' }, 5, tool('good')] });
    const { specs, has, warnings } = await connected({ s: server });
    expect(specs.map(({ name }) => name)).toEqual(['s__good']);
    expect(has('s__broken')).toBe(false);
    expect(warnings.map(({ details }) => details)).toMatchObject([
      { server: 's', index: 0, reason: expect.stringContaining('inputSchema') },
      { server: 's', index: 1 },
    ]);
  });

  test('are called by their names only once: the first of two counts', async () => {
    const a = await scriptedServer({ tools: [tool('b__c')], calls: { b__c: says('first') } });
    const a__b = await scriptedServer({ tools: [tool('c')], calls: { c: says('second') } });
    const connections = await connected({ a__b, a });
    expect(connections.specs).toHaveLength(1);
    expect(await call(connections, 'a__b__c').output).toContain('first');
  });
});

const RESULTS: readonly (readonly [kind: string, result: unknown, output: string])[] = [
  ['text', { content: [text('hé\u0007 "q"')] }, '[{"text":"hé\\u0007 \\"q\\"","type":"text"}]'],
  ['nothing', { content: [] }, '[]'],
  [
    'media',
    {
      content: [
        { type: 'image', mimeType: 'image/png', data: 'AA' },
        { type: 'audio', mimeType: 'audio/wav', data: 'BB' },
      ],
    },
    '[{"data":"AA","mimeType":"image/png","type":"image"},{"data":"BB","mimeType":"audio/wav","type":"audio"}]',
  ],
  [
    'resources',
    {
      content: [
        { type: 'resource', resource: { uri: 'u:1', text: 'T', mimeType: 'text/plain', _meta: {} } },
        { type: 'resource', resource: { uri: 'u:2', blob: 'QQ==' } },
        {
          type: 'resource_link',
          uri: 'u:3',
          name: 'n',
          title: 't',
          description: 'd',
          mimeType: 'm',
          size: 3,
        },
      ],
    },
    '[{"resource":{"mimeType":"text/plain","text":"T","uri":"u:1"},"type":"resource"},{"resource":{"blob":"QQ==","uri":"u:2"},"type":"resource"},{"description":"d","mimeType":"m","name":"n","size":3,"title":"t","type":"resource_link","uri":"u:3"}]',
  ],
  [
    'annotated text',
    {
      content: [
        { ...text('a'), annotations: { lastModified: 'x', audience: ['user'], priority: 0.5 }, _meta: {} },
      ],
      _meta: {},
    },
    '[{"annotations":{"audience":["user"],"lastModified":"x","priority":0.5},"text":"a","type":"text"}]',
  ],
  [
    'structured content',
    { content: [text('t')], structuredContent: { z: 1, a: [{ y: 'b' }] } },
    '{"z":1,"a":[{"y":"b"}]}',
  ],
  ['structured null', { content: [text('t')], structuredContent: null }, '[{"text":"t","type":"text"}]'],
  ['failure', { content: [text('bad')], isError: true }, '[{"text":"bad","type":"text"}]'],
  ['structured failure', { content: [text('bad')], isError: true, structuredContent: { e: 1 } }, '{"e":1}'],
];

const BROKEN: readonly (readonly [kind: string, answer: Record<string, unknown>])[] = [
  ['an error', { error: { code: -32000, message: 'kaput' } }],
  ['a result without content', { result: { structuredContent: { a: 1 } } }],
  ['content of an unknown kind', { result: { content: [{ type: 'odd', odd: 1 }] } }],
  ['no result', { result: null }],
];

describe('a call', () => {
  test('gives the model what the server says, of every kind', async () => {
    const calls = Object.fromEntries(RESULTS.map(([kind, result]) => [kind, { result }]));
    const server = await scriptedServer({ tools: RESULTS.map(([kind]) => tool(kind)), calls });
    const connections = await connected({ s: server });
    for (const [kind, , output] of RESULTS) {
      expect(await call(connections, `s__${kind}`).output, kind).toBe(output);
    }
  });

  test('that the server cannot answer as it should is told as failed, without the reason', async () => {
    const server = await scriptedServer({
      tools: BROKEN.map(([kind]) => tool(kind)),
      calls: Object.fromEntries(BROKEN),
    });
    const connections = await connected({ s: server });
    for (const [kind] of BROKEN) {
      const message = `tool call error: tool call failed for \`s/${kind}\``;
      const { output, events } = call(connections, `s__${kind}`);
      expect(await output).toBe(message);
      expect(events[1]).toMatchObject({ type: 'mcp_tool_call_end', result: { Err: message } });
    }
    expect(connections.warnings).toHaveLength(BROKEN.length);
    expect(connections.warnings[0]?.details).toMatchObject({ reason: 'MCP error -32000: kaput' });
  });

  test('is reported when it begins and when it ends', async () => {
    const result = { content: [text('bad')], isError: true };
    const server = await scriptedServer({ tools: [tool('t')], calls: { t: { delay: 30, result } } });
    const { output, events } = call(await connected({ s: server }), 's__t', '{"b":1,"a":{}}');
    const invocation = { server: 's', tool: 't', arguments: { b: 1, a: {} } };
    expect(events).toEqual([{ type: 'mcp_tool_call_begin', call_id: 'c1', invocation }]);
    await output;
    const duration = { secs: expect.any(Number), nanos: expect.any(Number) };
    expect(events.slice(1)).toEqual([
      { type: 'mcp_tool_call_end', call_id: 'c1', invocation, duration, result: { Ok: result } },
    ]);
  });

  test.each([
    ['', null, { name: 't' }],
    [' \n', null, { name: 't' }],
    ['null', null, { name: 't', arguments: null }],
    ['{}', {}, { name: 't', arguments: {} }],
    ['[1]', [1], { name: 't', arguments: [1] }],
  ])('with the arguments %j is reported with %j and sent as %j', async (argumentsText, reported, sent) => {
    const server = await scriptedServer({ tools: [tool('t')], calls: { t: says('ok') } });
    const { output, events } = call(await connected({ s: server }), 's__t', argumentsText);
    await output;
    expect(events[0]).toMatchObject({ invocation: { arguments: reported } });
    expect(server.journal().at(-1)?.params).toEqual(sent);
  });

  test('with arguments that are not JSON is answered without being made', async () => {
    const server = await scriptedServer({ tools: [tool('t')] });
    const connections = await connected({ s: server });
    for (const argumentsText of ['{"a":', 'nope', '{"a":1}x', '{"__proto__":{}}']) {
      const { output, events } = call(connections, 's__t', argumentsText);
      expect(await output).toMatch(/^err: invalid arguments: /);
      expect(events).toEqual([]);
    }
    expect(server.journal().at(-1)?.method).toBe('tools/list');
  });

  test('does not wait for another one', async () => {
    const calls = { slow: { delay: 300, ...says('slow') }, fast: says('fast') };
    const server = await scriptedServer({ tools: [tool('slow'), tool('fast')], calls });
    const connections = await connected({ s: server });
    const slow = call(connections, 's__slow');
    expect(await call(connections, 's__fast').output).toContain('fast');
    expect(slow.events).toHaveLength(1);
    expect(await slow.output).toContain('slow');
  });

  test('of a tool that no server has is refused', async () => {
    const connections = await connected({});
    await expect(call(connections, 's__none').output).rejects.toThrow(RangeError);
  });
});

describe('an abort', () => {
  test('ends the call at once with its reason, and the server is told', async () => {
    const turn = new AbortController();
    const server = await scriptedServer({
      tools: [tool('t'), tool('u')],
      calls: { t: { silence: true }, u: says('u') },
    });
    const connections = await connected({ s: server });
    const { output, events } = call(connections, 's__t', '{}', turn.signal);
    const reason = new Error('interrupted');
    const rejected = expect(output).rejects.toBe(reason);
    const request = () => server.journal().find(({ method }) => method === 'tools/call');
    await expect.poll(request).toBeDefined();
    turn.abort(reason);
    await rejected;
    expect(events.map(({ type }) => type)).toEqual(['mcp_tool_call_begin']);
    expect(await call(connections, 's__u').output).toContain('u');
    expect(server.journal()).toContainEqual(
      expect.objectContaining({
        method: 'notifications/cancelled',
        params: { requestId: request()?.id, reason: expect.any(String) },
      }),
    );
  });

  test('after the end of a call is none of the server’s business', async () => {
    const turn = new AbortController();
    const server = await scriptedServer({ tools: [tool('t')], calls: { t: says('ok') } });
    const connections = await connected({ s: server });
    await call(connections, 's__t', '{}', turn.signal).output;
    turn.abort();
    await call(connections, 's__t').output;
    expect(server.journal().map(({ method }) => method)).not.toContain('notifications/cancelled');
  });
});
