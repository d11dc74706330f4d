import {
  callAnswer,
  completed,
  created,
  functionCall,
  itemDone,
  message,
  textAnswer,
} from '../../../src/demo/responses.ts';
import type { Conversation } from '../harness/conversation.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { at } from '../harness/json.ts';
import type { Stage } from '../harness/stage.ts';

const config = { model_auto_compact_token_limit: 1000 };
const FULL = { input: 900, output: 200 };

const callOf = (...command: readonly string[]) =>
  functionCall('shell', { command }, `call_${command.join('_')}`);
const echo = callOf('echo', 'x');

/** A compaction ends as a turn does. */
async function turnEnds(conversation: Conversation, count: number): Promise<void> {
  for (let ended = 0; ended < count; ended++) await conversation.turnEnd();
}

/** A request in outline: how the summary is asked for and bridged is each implementation's own prose. */
function outlineOf(stage: Stage, said: readonly string[]): unknown[] {
  return stage.model.requests.map(({ body }) => ({
    tools: body.tools.length,
    input: body.input.map((item) => ({
      type: item.type,
      role: item.role,
      says: said.filter((text) => String(at(item, 'content', 0, 'text')).includes(text)),
    })),
  }));
}

export const compaction: readonly InteropCase[] = [
  {
    name: 'a full history is compacted within a turn that goes on',
    config,
    answers: [
      [created(), itemDone(echo), completed(FULL)],
      textAnswer('THE SUMMARY', { input: 500, output: 20 }),
      callAnswer(callOf('echo', 'y')),
      textAnswer('after it'),
      textAnswer('later'),
    ],
    compare: ['replies', 'notifications', 'rollouts', 'notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.send('first request');
      await turnEnds(conversation, 2);
      await conversation.say('second request');
      stage.note(
        'requests',
        outlineOf(stage, ['first request', 'second request', 'THE SUMMARY', '<environment_context>']),
      );
    },
  },
  {
    name: 'a turn ends when it is too long right after a compaction, and a later one may compact again',
    config,
    answers: [
      [created(), itemDone(echo), completed(FULL)],
      textAnswer('SUMMARY ONE'),
      [created(), itemDone(callOf('echo', 'y')), completed(FULL)],
      [created(), itemDone(callOf('echo', 'z')), completed(FULL)],
      textAnswer('SUMMARY TWO'),
      textAnswer('done'),
    ],
    compare: ['notifications', 'rollouts', 'notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      for (const text of ['first request', 'second request']) {
        await conversation.send(text);
        await turnEnds(conversation, 2);
      }
      stage.note(
        'requests',
        outlineOf(stage, ['first request', 'second request', 'SUMMARY ONE', 'SUMMARY TWO']),
      );
    },
  },
  {
    name: 'a summary that cannot be had leaves the history as it is',
    config,
    answers: [
      [created(), itemDone(echo), completed(FULL)],
      { status: 400, body: { error: { message: 'no' } } },
      textAnswer('after it'),
    ],
    compare: ['notifications', 'rollouts', 'notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('first request');
      stage.note('requests', outlineOf(stage, ['first request']));
    },
  },
  {
    name: 'a full history after the last answer does not change the answer',
    config,
    answers: [
      [created(), itemDone(message('the answer')), completed(FULL)],
      textAnswer('THE SUMMARY'),
      textAnswer('another answer'),
    ],
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.send('first request');
      await turnEnds(conversation, 1);
      const { params } = await conversation.turnEnd();
      await stage.settled();
      stage.note('end of the turn', at(params, 'msg', 'last_agent_message'));
      stage.note('requests', stage.model.requests.length);
    },
  },
];
