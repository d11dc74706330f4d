import { textAnswer } from '../../../src/demo/responses.ts';
import { EVERY_EVENT } from '../harness/every-event.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { assistantText, event, item, question, storeConversation } from '../harness/stored-conversation.ts';

const answers = () => textAnswer('ok');

const userMessages = [
  { message: 'plain', kind: 'plain' },
  { message: 'no kind' },
  { message: 'null kind', kind: null },
  { message: 'instructions', kind: 'user_instructions' },
  { message: 'environment', kind: 'environment_context' },
  { message: 'unknown kind', kind: 'whispered' },
  { message: '', kind: 'plain' },
  { message: 'images', kind: 'plain', images: [] },
  { message: 'null images', kind: 'plain', images: null },
  { message: 'more', kind: 'plain', text_elements: [], local_images: ['/w/a.png'] },
  { kind: 'plain' },
];

const strangers = [
  { type: 'hologram', message: 'never heard of' },
  { message: 'no type' },
  { type: 'agent_message', message: 'with more', phase: 'final_answer', memory_citation: null },
  { type: 'agent_message' },
  { type: 'agent_message', message: 5 },
  { type: 'token_count' },
  { type: 'token_count', info: null, rate_limits: { primary: { used_percent: 1 } } },
  { type: 'turn_aborted', reason: 'boredom' },
  { type: 'turn_aborted', turn_id: 't', reason: 'interrupted', completed_at: 5, duration_ms: null },
  {
    type: 'task_started',
    turn_id: 't',
    started_at: 5,
    model_context_window: 7,
    collaboration_mode_kind: 'default',
  },
  { type: 'task_started' },
  { type: 'task_complete', turn_id: 't', last_agent_message: null, completed_at: 1, duration_ms: 2 },
  { type: 'task_complete' },
  { type: 'plan_update', plan: [] },
  { type: 'exec_command_begin', call_id: 'c', command: ['ls'], cwd: '/w' },
  { type: 'context_compacted' },
  'no object',
  null,
];

export const resumedMessages: readonly InteropCase[] = [
  {
    name: 'a client that resumes is shown every event of a known type, also of those that are not stored nowadays',
    async play(stage) {
      const { path } = await storeConversation(stage, 1, EVERY_EVENT.map(event));
      await stage.request('resumeConversation', { path });
    },
  },
  {
    name: 'a client that resumes is shown the messages of the user, none that was made for him',
    async play(stage) {
      const { path } = await storeConversation(
        stage,
        1,
        userMessages.map((message) => event({ type: 'user_message', ...message })),
      );
      await stage.request('resumeConversation', { path });
    },
  },
  {
    name: 'a client that resumes is not shown events that are not as they should be',
    async play(stage) {
      const { path } = await storeConversation(stage, 1, strangers.map(event));
      await stage.request('resumeConversation', { path });
    },
  },
  {
    name: 'a listener after a resume hears nothing of what was before',
    answers,
    async play(stage) {
      const { path } = await storeConversation(stage, 1, [
        ...question('old question'),
        event({ type: 'agent_message', message: 'old answer' }),
        assistantText('old answer'),
      ]);
      const resumed = await stage.resume(path);
      await stage.settled();
      stage.note('heard before the first message', heardOf(stage.target.messages));
      await resumed.say('new question');
    },
  },
  {
    name: 'a conversation without a message is resumed as an empty one',
    answers,
    async play(stage) {
      for (const [number, lines] of [[], [item({ type: 'hologram' })]].entries()) {
        const { path } = await storeConversation(stage, number, lines);
        const resumed = await stage.resume(path);
        await resumed.say('the first');
      }
    },
  },
];

function heardOf(messages: readonly { readonly method?: string }[]): string[] {
  return messages.flatMap(({ method }) => method ?? []);
}
