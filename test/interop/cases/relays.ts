import { hang } from '../../../src/demo/answers.ts';
import {
  callAnswer,
  completed,
  created,
  customToolCall,
  functionCall,
  itemDone,
  message,
  reasoning,
  textAnswer,
  textDelta,
} from '../../../src/demo/responses.ts';
import { answerCalls } from '../harness/answering.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { at } from '../harness/json.ts';
import { addFile, patchText } from '../harness/patch-text.ts';
import { PIXEL_PNG } from '../harness/pixel.ts';
import { type Chapter, relay, together } from '../harness/relay.ts';

const FULL = { input: 900, output: 200 };
const SAID = ['first', 'second', 'SUMMARY 1', 'SUMMARY 2', 'SUMMARY 3', '<environment_context>'];

const bash = (script: string, callId: string) =>
  functionCall('shell', { command: ['bash', '-c', script] }, callId);

const thoughts: Chapter = {
  name: 'words, thoughts, commands and plans',
  answers: (leg) => [
    [created(), itemDone(reasoning('**Why**', `ENC ${leg}`)), itemDone(message('because')), completed()],
    callAnswer(bash('echo out; exit 3', `call_a${leg}`), bash('pwd', `call_b${leg}`)),
    callAnswer(functionCall('update_plan', { plan: [{ step: 'a', status: 'pending' }] }, `call_c${leg}`)),
    textAnswer('done', { input: 100 * leg, output: leg }),
  ],
  async tell(_stage, conversation, leg) {
    await conversation.say(`why ${leg}? "naïve" 日本語 🦀 \\ \n`);
    await conversation.say(`do it ${leg}`);
  },
};

const patches: Chapter = {
  name: 'patches',
  answers: (leg) => [
    callAnswer(
      functionCall('apply_patch', { input: addFile(`new-${leg}`, 'one', 'two') }, `call_e${leg}`),
      customToolCall(
        'apply_patch',
        patchText(`*** Update File: new-${leg}`, '@@', '-one', '+1'),
        `call_f${leg}`,
      ),
      functionCall('shell', { command: ['apply_patch', 'no patch'] }, `call_g${leg}`),
    ),
    textAnswer('patched'),
  ],
  async tell(stage, conversation, leg) {
    await conversation.say(`patch it ${leg}`);
    stage.note(`leg ${leg}: files of the workspace`, await stage.contents());
  },
};

const images: Chapter = {
  name: 'images',
  answers: (leg) => [
    textAnswer('seen'),
    textAnswer('seen'),
    callAnswer(functionCall('view_image', { path: 'pixel.png' }, `call_d${leg}`)),
    textAnswer('seen'),
  ],
  async tell(stage, conversation) {
    const path = await stage.writeFile('pixel.png', PIXEL_PNG);
    await conversation.say([
      { type: 'text', data: { text: 'what is this?' } },
      { type: 'image', data: { image_url: 'data:image/png;base64,AAAA' } },
    ]);
    await conversation.say([{ type: 'localImage', data: { path } }]);
    await conversation.say('look for yourself');
  },
};

const summaries: Chapter = {
  name: 'summaries',
  config: { model_auto_compact_token_limit: 1000 },
  compare: ['replies', 'notifications', 'rollouts', 'files', 'notes'],
  answers: (leg) => [
    [created(), itemDone(bash('echo x', `call_${leg}`)), completed(FULL)],
    textAnswer(`SUMMARY ${leg}`),
    textAnswer('after it'),
  ],
  async tell(_stage, conversation, leg) {
    await conversation.send(leg === 1 ? 'first request' : 'second request');
    // A compaction ends as a turn does.
    await conversation.turnEnd();
    await conversation.turnEnd();
  },
  outline: (input) =>
    Array.isArray(input)
      ? input.map((item) => {
          const text = at(item, 'content', 0, 'text');
          return SAID.filter((words) => String(text).includes(words)).length > 1
            ? SAID.filter((words) => String(text).includes(words))
            : item;
        })
      : input,
};

const interruptions: Chapter = {
  name: 'interrupted turns',
  answers: (leg) => [
    [created(), textDelta('unheard'), hang()],
    callAnswer(bash('echo started; exec sleep 30', `call_${leg}`)),
    textAnswer('heard'),
  ],
  async tell(stage, conversation, leg) {
    await conversation.send(`interrupted while it speaks ${leg}`);
    await conversation.event('agent_message_delta');
    await conversation.interrupt();
    await stage.settled();
    answerCalls(stage, { [`call_${leg}`]: 'approved' });
    await conversation.send(`interrupted while it works ${leg}`);
    await conversation.event('exec_command_output_delta');
    await conversation.interrupt();
    await stage.settled();
    await conversation.say(`let it end ${leg}`);
  },
};

const refusals: Chapter = {
  name: 'refused commands and patches',
  config: { approval_policy: 'untrusted' },
  answers: (leg) => [
    callAnswer(
      bash('echo no > no', `call_a${leg}`),
      functionCall('apply_patch', { input: addFile('no', 'no') }, `call_b${leg}`),
      bash('echo yes', `call_c${leg}`),
    ),
    textAnswer('so be it'),
  ],
  async tell(stage, conversation, leg) {
    answerCalls(stage, {
      [`call_a${leg}`]: 'denied',
      [`call_b${leg}`]: 'denied',
      [`call_c${leg}`]: 'approved',
    });
    await conversation.say(`try it ${leg}`);
    stage.note(`leg ${leg}: files of the workspace`, await stage.contents());
  },
};

const work = together(thoughts, patches, images);
const trouble = together(refusals, interruptions);

export const relays: readonly InteropCase[] = [work, trouble, summaries].flatMap((chapter) => [
  relay(chapter, 'target'),
  relay(chapter, 'reference'),
]);
