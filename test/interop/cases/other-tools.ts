import { callAnswer, functionCall, textAnswer } from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { PIXEL_PNG } from '../harness/pixel.ts';

const plan = [
  { step: 'look', status: 'completed' },
  { step: 'think', status: 'in_progress' },
  { step: 'act', status: 'pending' },
];

export const otherTools: readonly InteropCase[] = [
  {
    name: 'a plan is shown',
    answers: [
      callAnswer(functionCall('update_plan', { explanation: 'because', plan }, 'call_a')),
      callAnswer(functionCall('update_plan', { plan: [] }, 'call_b')),
      textAnswer('planned'),
    ],
    async play(stage) {
      const conversation = await stage.newConversation({ includePlanTool: true });
      await conversation.say('plan it');
    },
  },
  {
    name: 'a plan works when it was not offered, and not with a status of its own',
    answers: [
      callAnswer(functionCall('update_plan', { plan }, 'call_a')),
      callAnswer(functionCall('update_plan', { plan: [{ step: 'a', status: 'maybe' }] }, 'call_b')),
      textAnswer('planned'),
    ],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('plan it');
    },
  },
  {
    name: 'an image of the working directory is attached',
    answers: [
      callAnswer(functionCall('view_image', { path: 'pixel.png' })),
      textAnswer('a pixel'),
      textAnswer('still there'),
    ],
    async play(stage) {
      await stage.writeFile('pixel.png', PIXEL_PNG);
      const conversation = await stage.newConversation();
      await conversation.say('look at it');
      await conversation.say('and now?');
    },
  },
  {
    name: 'an image that is missing or has no path cannot be attached',
    answers: [
      callAnswer(functionCall('view_image', { file: 'x' }, 'call_a')),
      callAnswer(functionCall('view_image', { path: 'nowhere.png' }, 'call_b')),
      textAnswer('nothing there'),
    ],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('look at it');
    },
  },
];
