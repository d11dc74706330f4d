import { readFile } from 'node:fs/promises';
import { callAnswer, functionCall, textAnswer } from '../../../src/demo/responses.ts';
import type { ConfigChange, InteropCase } from '../harness/interop-case.ts';
import { at } from '../harness/json.ts';
import { journalOf, type ServerScript, scriptedServer } from '../harness/mcp-server.ts';
import type { Stage } from '../harness/stage.ts';

const text = (said: string) => ({ type: 'text', text: said });

const schema = {
  type: 'object',
  properties: {
    count: { type: 'integer', description: 'how many', minimum: 1 },
    choice: { type: 'string', enum: ['a', 'b'] },
    maybe: { type: ['string', 'null'] },
    list: { type: 'array', items: { type: 'integer' } },
    bare: { description: 'of no type' },
    nested: { type: 'object', properties: { deep: { type: 'boolean' } }, additionalProperties: true },
  },
  required: ['count'],
};

const described = (name: string) => ({ name, description: `does ${name}`, inputSchema: schema });

const script: ServerScript = {
  tools: [
    described('say'),
    { name: 'bare', inputSchema: { type: 'object' } },
    described('odd name!'),
    described('x'.repeat(70)),
    { ...described('annotated'), title: 'Titled', annotations: { readOnlyHint: true } },
    ...['failing', 'erring', 'picture', 'structured', 'empty', 'resource'].map(described),
  ],
  calls: {
    say: { result: { content: [text('you said $ARGUMENTS')] } },
    bare: { result: { content: [text('one'), text('two')] } },
    failing: { result: { content: [text('it failed')], isError: true } },
    erring: { error: { code: -32000, message: 'kaput' } },
    picture: { result: { content: [text('look'), { type: 'image', data: 'AAAA', mimeType: 'image/png' }] } },
    structured: { result: { content: [text('{"k":1}')], structuredContent: { k: 1, list: [true] } } },
    empty: { result: { content: [] } },
    resource: {
      result: {
        content: [
          { type: 'resource', resource: { uri: 'file:///x', text: 'inside', mimeType: 'text/plain' } },
        ],
        isError: false,
      },
    },
  },
};

const calls: readonly (readonly [tool: string, args: string])[] = [
  ['tiny__say', '{"count":1,"nested":{"deep":true}}'],
  ['tiny__say', ''],
  ['tiny__say', '  '],
  ['tiny__say', '{}'],
  ['tiny__say', 'null'],
  ['tiny__say', '[1]'],
  ['tiny__bare', '{"a":1}'],
  ['tiny__failing', '{}'],
  ['tiny__erring', '{}'],
  ['tiny__picture', '{}'],
  ['tiny__structured', '{}'],
  ['tiny__empty', '{}'],
  ['tiny__resource', '{}'],
  ['tiny__nothing', '{}'],
  ['other__say', '{}'],
];

async function noteJournal(stage: Stage): Promise<void> {
  const lines = (await readFile(journalOf(stage), 'utf8')).trim().split('\n');
  stage.note(
    'sent to the server',
    lines.map((line) => outlineOf(JSON.parse(line))),
  );
}

/** Without the id, which is any number, and the version of whoever connects. */
function outlineOf({ method, params }: { method: string; params?: { clientInfo?: object } }): unknown {
  const { clientInfo } = params ?? {};
  return clientInfo
    ? { method, params: { ...params, clientInfo: Object.keys(clientInfo).sort() } }
    : { method, params };
}

const servers = (stage: Stage, more: ConfigChange = {}): ConfigChange => ({
  mcp_servers: { tiny: scriptedServer(stage, script), ...more },
});

export const mcpTools: readonly InteropCase[] = [
  {
    name: 'tools of MCP servers are offered and called',
    config: (stage) =>
      servers(stage, { another: scriptedServer(stage, { tools: [described('say')], calls: {} }) }),
    answers: [
      callAnswer(...calls.map(([tool, args], index) => functionCall(tool, args, `call_${index}`))),
      textAnswer('done'),
    ],
    compare: ['replies', 'serverRequests', 'notifications', 'modelRequests', 'rollouts'],
    async play(stage) {
      const conversation = await stage.newConversation({ approvalPolicy: 'untrusted', sandbox: 'read-only' });
      await conversation.say('call them');
    },
  },
  {
    name: 'an MCP server is greeted and called as in the protocol',
    config: (stage) => servers(stage),
    answers: [
      callAnswer(functionCall('tiny__say', '{"count":1}'), functionCall('tiny__bare', '', 'call_2')),
      textAnswer('done'),
    ],
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('call it');
      await noteJournal(stage);
    },
  },
  {
    name: 'arguments for a tool of an MCP server are no JSON',
    config: (stage) => servers(stage),
    answers: [callAnswer(functionCall('tiny__say', '{"count":')), textAnswer('done')],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('call it');
    },
  },
  {
    name: 'MCP servers that cannot be had are named, and the others work',
    config: (stage) =>
      servers(stage, {
        absent: { command: 'no-such-program-here' },
        'bad name': { command: 'true' },
        silent: { command: 'sleep', args: ['30'], startup_timeout_ms: 400 },
      }),
    answers: [callAnswer(functionCall('tiny__say', '{"count":1}')), textAnswer('done')],
    compare: ['replies', 'modelRequests', 'notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('call it');
      const errors = stage.target.messages.filter(({ method }) => method === 'codex/event/error');
      stage.note('errors', errors.map(({ params }) => at(params, 'msg', 'message')).sort());
    },
  },
  {
    name: 'an MCP server that ends at once is noticed',
    config: { mcp_servers: { short: { command: 'true', startup_timeout_ms: 600 } } },
    answers: [textAnswer('hello')],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('hi');
    },
  },
  {
    name: 'an interrupt gives up a call of an MCP server',
    config: (stage) => ({
      mcp_servers: { tiny: scriptedServer(stage, { tools: [described('hang')], calls: {} }) },
    }),
    answers: [callAnswer(functionCall('tiny__hang', '{}')), textAnswer('fresh')],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.send('call it');
      await conversation.event('mcp_tool_call_begin');
      await conversation.interrupt();
      await stage.settled();
      await conversation.say('second');
    },
  },
];
