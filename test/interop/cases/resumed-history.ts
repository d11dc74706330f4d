import { textAnswer } from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { at } from '../harness/json.ts';
import type { Stage } from '../harness/stage.ts';
import {
  assistantText,
  item,
  question,
  type RolloutLine,
  storeConversation,
  userText,
} from '../harness/stored-conversation.ts';

const answers = () => textAnswer('ok');

const message = (role: string, ...content: readonly object[]) => item({ type: 'message', role, content });
const text = (said: string) => ({ type: 'input_text', text: said });
const summary = [{ type: 'summary_text', text: 's' }];
const exec = { type: 'exec', command: ['ls'] };

const items: readonly RolloutLine[] = [
  message('user', text('one'), { type: 'input_image', image_url: 'data:,' }, text('two')),
  message('user', { type: 'input_image', image_url: 'data:,', detail: 'high' }),
  message('user'),
  message('system', text('system')),
  message('developer', text('developer')),
  message('assistant', { type: 'output_text', text: 'said' }, { type: 'output_text', text: 'more' }),
  message('assistant', text('as input')),
  message('user', { type: 'input_file', file_id: 'f' }),
  message('user', text('kept'), { type: 'refusal', refusal: 'no' }),
  item({ type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'id' }] }),
  item({
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text: 'phase' }],
    phase: 'final_answer',
    end_turn: true,
  }),
  item({ type: 'message', role: 'user', content: 'a text' }),
  item({ type: 'message', content: [text('no role')] }),
  item({ type: 'reasoning', id: 'rs_1', summary, content: null, encrypted_content: 'ENC' }),
  item({ type: 'reasoning', summary, encrypted_content: 'ENC' }),
  item({ type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'r' }] }),
  item({ type: 'reasoning', summary, content: [{ type: 'text', text: 't' }], encrypted_content: null }),
  item({ type: 'reasoning', encrypted_content: 'no summary' }),
  item({ type: 'function_call', id: 'fc_1', name: 'shell', arguments: '{}', call_id: 'f' }),
  item({ type: 'function_call_output', call_id: 'f', output: 'done' }),
  item({ type: 'function_call', name: 'shell', arguments: '{"command":', call_id: 'g' }),
  item({ type: 'function_call_output', call_id: 'g', output: { content: 'object', success: true } }),
  item({ type: 'custom_tool_call', id: 'ct_1', status: 'completed', call_id: 'c', name: 'n', input: 'i' }),
  item({ type: 'custom_tool_call_output', call_id: 'c', output: 'done' }),
  item({ type: 'custom_tool_call', call_id: 'd', name: 'n', input: 'i' }),
  item({ type: 'custom_tool_call_output', call_id: 'd', output: 'done', success: true }),
  item({ type: 'local_shell_call', id: 'l_1', call_id: 'l', status: 'completed', action: exec }),
  item({ type: 'function_call_output', call_id: 'l', output: 'done' }),
  item({
    type: 'local_shell_call',
    call_id: 'm',
    status: 'in_progress',
    action: { ...exec, timeout_ms: 5, working_directory: '/w', env: { A: 'b' }, user: 'u' },
  }),
  item({ type: 'function_call_output', call_id: 'm', output: 'done' }),
  item({ type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'q' } }),
  item({ type: 'web_search_call', action: { type: 'open_page', url: 'u' } }),
  item({ type: 'hologram', id: 'h', payload: 1 }),
  item({ id: 'no type' }),
];

/** Calls that were never answered, one of each kind. */
const dangling: Readonly<Record<string, RolloutLine>> = {
  function_call: item({ type: 'function_call', name: 'shell', arguments: '{}', call_id: 'function' }),
  custom_tool_call: item({ type: 'custom_tool_call', call_id: 'custom', name: 'apply_patch', input: 'x' }),
  local_shell_call: item({ type: 'local_shell_call', call_id: 'local', status: 'completed', action: exec }),
};

const compacted = (said: string): RolloutLine => ({ type: 'compacted', payload: { message: said } });

const SAID = ['first', 'second', 'third', 'SUMMARY ONE', 'SUMMARY TWO', '<environment_context>', 'answer'];

/** A request's input in outline: the bridge from a summary to what follows is each implementation's own prose. */
function outlineOf(stage: Stage): { says: string[] }[] {
  const input = stage.model.requests.at(-1)?.body.input ?? [];
  return input.map((entry) => {
    const said = String(at(entry, 'content', 0, 'text'));
    return { type: entry.type, role: entry.role, says: SAID.filter((words) => said.includes(words)) };
  });
}

async function saidAfter(stage: Stage, number: number, lines: readonly RolloutLine[]): Promise<void> {
  const { path } = await storeConversation(stage, number, lines);
  const resumed = await stage.resume(path);
  await resumed.say('new question');
}

export const resumedHistory: readonly InteropCase[] = [
  {
    name: 'the history of a resumed conversation holds the items that can be read',
    answers,
    async play(stage) {
      await saidAfter(stage, 1, [...question('before'), ...items, assistantText('after')]);
    },
  },
  {
    name: 'a call that was never answered gets an output of its own kind right after it',
    answers,
    compare: ['notes'],
    async play(stage) {
      for (const [number, [kind, call]] of Object.entries(dangling).entries()) {
        await saidAfter(stage, number, [...question('old'), call, userText('later')]);
        stage.note(kind, stage.model.requests.at(-1)?.body.input);
      }
      await saidAfter(stage, 9, [
        ...question('old'),
        ...Object.values(dangling),
        item({ type: 'function_call_output', call_id: 'function', output: 'late' }),
      ]);
      stage.note('all, one answered', stage.model.requests.at(-1)?.body.input);
    },
  },
  {
    name: 'outputs that no call asked for go to the model as they are',
    answers,
    async play(stage) {
      await saidAfter(stage, 1, [
        ...question('old'),
        item({ type: 'function_call_output', call_id: 'nobody', output: 'x' }),
        item({ type: 'custom_tool_call_output', call_id: 'nobody', output: 'y' }),
      ]);
    },
  },
  {
    name: 'a compacted history is taken over as it was left',
    answers,
    compare: ['replies', 'notifications', 'rollouts', 'notes'],
    async play(stage) {
      const first = [...question('first'), assistantText('answer')];
      const histories: readonly RolloutLine[][] = [
        [...first, compacted('SUMMARY ONE')],
        [...first, compacted('SUMMARY ONE'), assistantText('answer'), ...question('second')],
        [
          ...first,
          compacted('SUMMARY ONE'),
          ...question('second'),
          compacted('SUMMARY TWO'),
          userText('third'),
        ],
        [compacted('SUMMARY ONE')],
        [...first, compacted('')],
        [...first, { type: 'compacted', payload: {} }],
        [...first, { type: 'compacted', payload: { message: null } }],
        [userText('<environment_context>old</environment_context>'), ...first, compacted('SUMMARY ONE')],
      ];
      for (const [number, lines] of histories.entries()) {
        await saidAfter(stage, number, lines);
        stage.note(`input ${number}`, outlineOf(stage));
      }
    },
  },
  {
    name: 'a compaction may bring the history that follows it',
    answers,
    compare: ['notes'],
    async play(stage) {
      const replacement = [userText('second'), assistantText('answer')].map(({ payload }) => payload);
      const payload = { message: 'SUMMARY ONE', replacement_history: replacement };
      await saidAfter(stage, 1, [...question('first'), { type: 'compacted', payload }]);
      stage.note(
        'what the model is told',
        outlineOf(stage)
          .flatMap(({ says }) => says)
          .join(', '),
      );
    },
  },
];
