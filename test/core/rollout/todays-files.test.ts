import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listRollouts } from '../../../src/core/rollout/catalog.ts';
import { readHead } from '../../../src/core/rollout/head.ts';
import { history, readRollout } from '../../../src/core/rollout/reader.ts';
import {
  activePath,
  assistantText,
  conversationId,
  sessionMeta,
  temporaryDirectory,
  userText,
  writeLines,
} from './samples.ts';
import { SAMPLES, sampleLines, samplePath } from './todays-samples.ts';

const id = conversationId(1);
const turn = { turn_id: conversationId(2), root_turn_id: conversationId(2) };
const passthrough = { internal_chat_message_metadata_passthrough: turn };
const metadata = { history_sequence: 1, sampled_through_sequence: 0 };

/** Lines in the form of Codex 0.169, which puts an `ordinal` into those of `paginated` files only. */
const todaysLines = (mode: 'legacy' | 'paginated', records: readonly [string, object][]): string[] =>
  records.map(([type, payload], ordinal) =>
    JSON.stringify({
      timestamp: '2026-11-22T13:39:47.121Z',
      ...(mode === 'paginated' && { ordinal }),
      type,
      payload,
      ...(type === 'response_item' && { metadata }),
    }),
  );

const opening: [string, object][] = [
  [
    'session_meta',
    {
      ...sessionMeta(id, { cli_version: '0.169.0' }),
      session_id: id,
      instructions: undefined,
      source: 'vscode',
      model_provider: 'openai',
      base_instructions: { text: 'be kind', provenance: { type: 'model' } },
      dynamic_tools: [],
    },
  ],
  ['event_msg', { type: 'task_started', ...turn, started_at: 1, model_context_window: 258400 }],
  ['response_item', { ...userText('skills'), role: 'developer', id: 'msg_1', ...passthrough }],
  ['world_state', { full: true, state: {} }],
  ['turn_context', { ...turn, cwd: '/p', sandbox_policy: { type: 'danger-full-access' }, model: 'm' }],
  ['event_msg', { type: 'thread_settings_applied', thread_id: id, thread_settings: {} }],
  ['response_item', { ...userText('look'), id: 'msg_2', ...passthrough }],
];

const answer: [string, object][] = [
  [
    'response_item',
    { type: 'function_call', id: 'fc_1', name: 'view_image', arguments: '{}', call_id: 'c1' },
  ],
  [
    'response_item',
    {
      type: 'function_call_output',
      id: 'fco_1',
      call_id: 'c1',
      output: [{ type: 'input_image', image_url: 'data:,', detail: 'high' }],
    },
  ],
  ['response_item', { ...assistantText('seen'), id: 'msg_3', phase: null, ...passthrough }],
  ['token_usage_record', { thread_id: id, usage: {} }],
  ['event_msg', { type: 'task_complete', ...turn, last_agent_message: 'seen', duration_ms: 186 }],
];

const compaction: [string, object] = [
  'compacted',
  {
    message: 'a summary',
    replacement_history: [
      { ...userText('look'), id: 'msg_2' },
      { type: 'compaction', encrypted_content: 'x' },
      { ...userText('a summary'), id: 'msg_4' },
    ],
    replacement_history_metadata: [metadata],
    window_number: 1,
  },
];

const store = (lines: readonly string[]) => writeLines(join(temporaryDirectory(), 'r.jsonl'), lines);
const noCompaction = (): never => {
  throw new Error('the file says what the history is');
};

describe("a file of today's Codex", () => {
  it('with numbered lines has the whole history, and says that they are numbered', async () => {
    const stored = await readRollout(store(todaysLines('paginated', [...opening, ...answer])));
    expect(stored).toMatchObject({ meta: { id, instructions: null }, numbered: true, damagedCount: 0 });
    expect(history(stored, noCompaction)).toEqual([
      { ...userText('skills'), role: 'developer' },
      userText('look'),
      { type: 'function_call', name: 'view_image', arguments: '{}', call_id: 'c1' },
      { type: 'function_call_output', call_id: 'c1', output: '[input_image]' },
      assistantText('seen'),
    ]);
    expect(stored.messages.parse('shown').map(({ type }) => type)).toEqual(['task_started', 'task_complete']);
  });

  it('in the older form is one that can be gone on with', async () => {
    const shown: [string, object] = ['event_msg', { type: 'agent_message', message: 'seen', phase: null }];
    const stored = await readRollout(store(todaysLines('legacy', [...opening, shown, ...answer])));
    expect(stored.numbered).toBe(false);
    expect(stored.messages.parse('shown')).toContainEqual({ type: 'agent_message', message: 'seen' });
  });

  it('says itself what a compaction made of the history', async () => {
    const lines = todaysLines('legacy', [
      ...opening,
      ...answer,
      compaction,
      ['response_item', userText('on')],
    ]);
    expect(history(await readRollout(store(lines)), noCompaction)).toEqual([
      userText('look'),
      userText('a summary'),
      userText('on'),
    ]);
  });

  it.each(['legacy', 'paginated'] as const)('is listed with what the user said first: %s', async (name) => {
    const head = await readHead(samplePath(name));
    expect(head).toMatchObject({ preview: 'look at this', hasUserMessage: true });
    expect(head.leadingMeta).toMatchObject({ cwd: '/home/user/project', cli_version: '0.169.0' });
  });

  it('is among the stored conversations', async () => {
    const codexHome = temporaryDirectory();
    for (const [n, name] of SAMPLES.entries())
      writeLines(activePath(codexHome, `2026-11-22T14-39-1${n}`, conversationId(n)), sampleLines(name));
    const { items } = await listRollouts({ codexHome, pageSize: 10 });
    expect(items.map(({ preview }) => preview)).toEqual(['in the fork', 'look at this', 'look at this']);
  });

  it('is not listed before the user said something', async () => {
    const silent = sampleLines('paginated').filter((text) => !text.includes('"UserMessage"'));
    expect(await readHead(store(silent))).toMatchObject({ hasUserMessage: false });
  });
});
