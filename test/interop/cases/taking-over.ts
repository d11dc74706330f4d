import { hang } from '../../../src/demo/answers.ts';
import {
  callAnswer,
  completed,
  created,
  functionCall,
  itemDone,
  message,
  reasoning,
  textAnswer,
  textDelta,
} from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';

export const takingOver: readonly InteropCase[] = [
  {
    name: 'the reference goes on with a conversation that the target wrote',
    answers: [
      [created(), itemDone(reasoning('**Why**')), itemDone(message('first answer')), completed()],
      callAnswer(functionCall('shell', { command: ['bash', '-c', 'echo tool'] })),
      textAnswer('second answer'),
      textAnswer('third answer'),
    ],
    async play(stage) {
      await stage.writeFile(`${stage.home}/AGENTS.md`, 'home rules');
      const { id, rolloutPath, say } = await stage.newConversation();
      await say('one');
      await say('two');
      await stage.restart(stage.startReference);
      await stage.request('listConversations', {});
      const resumed = await stage.resume(rolloutPath, { cwd: stage.cwd });
      await resumed.say('three');
      await stage.settled();
      await stage.request('archiveConversation', { conversationId: id, rolloutPath: `${rolloutPath}.not` });
    },
  },
  {
    name: 'the reference goes on after an interrupted turn of the target',
    answers: [[created(), textDelta('unheard'), hang()], textAnswer('heard')],
    async play(stage) {
      const { rolloutPath, send, interrupt, event } = await stage.newConversation();
      await send('first');
      await event('agent_message_delta');
      await interrupt();
      await stage.restart(stage.startReference);
      const resumed = await stage.resume(rolloutPath);
      await resumed.say('second');
    },
  },
];
