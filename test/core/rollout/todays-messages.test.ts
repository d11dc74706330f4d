import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHead } from '../../../src/core/rollout/head.ts';
import { readRollout } from '../../../src/core/rollout/reader.ts';
import type { EventMsg } from '../../../src/protocol/vocabulary/events.ts';
import { conversationId, event, metaLine, temporaryDirectory, writeLines } from './samples.ts';
import { sampleLines, samplePath } from './todays-samples.ts';

const id = conversationId(1);
const store = (lines: readonly string[]) => writeLines(join(temporaryDirectory(), 'r.jsonl'), lines);

const image = expect.stringContaining('data:image/png;base64,');
const duration = { secs: 0, nanos: 5_000_000 };
const wentWrong = expect.stringContaining('went wrong');
const said: EventMsg[] = [
  { type: 'user_message', message: 'look at this, and that', kind: 'plain', images: [image] },
  { type: 'agent_reasoning', text: 'first thought' },
  { type: 'agent_reasoning', text: 'second thought' },
  { type: 'agent_message', message: 'let me look' },
  {
    type: 'patch_apply_end',
    call_id: 'call_2',
    stdout: 'Success. Updated the following files:\nA new.txt\n',
    stderr: '',
    success: true,
  },
  {
    type: 'mcp_tool_call_end',
    call_id: 'call_3',
    invocation: { server: 'srv', tool: 'ok', arguments: {} },
    duration,
    result: { Ok: { content: [{ type: 'text', text: 'fine' }] } },
  },
  {
    type: 'mcp_tool_call_end',
    call_id: 'call_4',
    invocation: { server: 'srv', tool: 'bad', arguments: { a: 1 } },
    duration,
    result: { Err: wentWrong },
  },
  { type: 'web_search_end', call_id: 'ws_1', query: 'weather' },
  { type: 'agent_message', message: 'first answer' },
  { type: 'user_message', message: 'go on', kind: 'plain' },
  { type: 'agent_message', message: 'second answer' },
];

/** Without those that tell only how far a turn is, and without an empty list of images. */
const saidIn = (messages: readonly EventMsg[]): EventMsg[] =>
  messages
    .filter(({ type }) => !['task_started', 'task_complete', 'token_count'].includes(type))
    .map((msg) => {
      if (msg.type !== 'user_message' || msg.images?.length !== 0) return msg;
      const { images, ...rest } = msg;
      return rest;
    });
const shownIn = async (lines: readonly string[]): Promise<EventMsg[]> =>
  saidIn((await readRollout(store(lines))).messages.parse('shown'));

describe("the messages of a file of today's Codex", () => {
  it.each(['legacy', 'paginated'] as const)('are the same in both forms: %s', async (name) => {
    expect(saidIn((await readRollout(samplePath(name))).messages.parse('shown'))).toEqual(said);
  });

  it('begin where the file of a fork begins', async () => {
    const stored = await readRollout(samplePath('paginated-fork'));
    expect(stored).toMatchObject({ numbered: true, damagedCount: 0, droppedMessages: 0 });
    expect(saidIn(stored.messages.parse('shown'))).toEqual([
      { type: 'user_message', message: 'in the fork', kind: 'plain' },
      { type: 'agent_message', message: 'answer in the fork' },
    ]);
    expect(await readHead(samplePath('paginated-fork'))).toMatchObject({ preview: 'in the fork' });
  });

  it('are the last ones when the file is too long to be held', async () => {
    const stored = await readRollout(samplePath('paginated'), { limits: { items: 100, messages: 3000 } });
    expect(saidIn(stored.messages.parse('shown'))).toEqual(said.slice(-2));
    expect(stored.droppedMessages).toBeGreaterThan(0);
  });

  it('are all there when an older release began the conversation', async () => {
    expect(await shownIn([metaLine(id), ...sampleLines('legacy').slice(1)])).toEqual(said);
  });

  it('of an older release without a kind are left out, as in the reference', async () => {
    const old = event({ type: 'user_message', message: 'not said by anybody' });
    expect(await shownIn([metaLine(id), old])).toEqual([]);
  });

  it('are without what programs said in the name of the user', async () => {
    const context = ' <ENVIRONMENT_CONTEXT>\n</environment_context>\n';
    const lines = [
      metaLine(id, { cli_version: '0.169.0' }),
      event({ type: 'user_message', message: context }),
      event({
        type: 'item_completed',
        item: { type: 'UserMessage', content: [{ type: 'text', text: context }] },
      }),
      event({ type: 'user_message', message: 'rules', kind: 'user_instructions' }),
    ];
    expect(await shownIn(lines)).toEqual([]);
    expect(
      await shownIn([...lines, event({ type: 'user_message', message: `${context}, it said` })]),
    ).toEqual([{ type: 'user_message', message: `${context}, it said`, kind: 'plain' }]);
  });
});

describe('a user message that does not say its kind', () => {
  const versions = (shown: boolean, list: readonly string[]) =>
    list.map((version) => [version, shown] as const);
  it.each([
    ...versions(false, ['0.30.0', '0.36.0', '0.36.9', '0.36.0-alpha.1', '0.0.0', '', 'dev', '0', '0.x']),
    ...versions(true, ['0.37.0', '0.37.0-alpha.2', '0.169.0', '1.0.0', '10.2']),
  ])('in a conversation begun by %j is shown: %s', async (cli_version, isShown) => {
    const lines = [metaLine(id, { cli_version }), event({ type: 'user_message', message: 'hi' })];
    expect(await shownIn(lines)).toEqual(
      isShown ? [{ type: 'user_message', message: 'hi', kind: 'plain' }] : [],
    );
  });
});
