import { wait } from '../../../src/demo/answers.ts';
import { completed, created, functionCall, itemDone, textAnswer } from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { storedId } from '../harness/stored-conversation.ts';

export const turnSettings: readonly InteropCase[] = [
  {
    name: 'a turn with settings of its own leaves those of the conversation alone',
    answers: [textAnswer('one'), textAnswer('two'), textAnswer('three')],
    config: { model_reasoning_effort: 'low' },
    async play(stage) {
      await stage.writeFile('other/file', '');
      const conversation = await stage.newConversation();
      await conversation.turn('own settings', {
        cwd: `${stage.cwd}/other`,
        approvalPolicy: 'on-request',
        sandboxPolicy: { mode: 'workspace-write', network_access: true },
        model: 'o3',
        effort: 'high',
        summary: 'detailed',
      });
      await conversation.say('back');
      await conversation.turn('no effort', { effort: null, summary: 'none' });
    },
  },
  {
    name: 'a turn during a turn loses its settings',
    answers: [
      (stage) => [
        created(),
        wait(stage.gate('second was sent').opened),
        itemDone(functionCall('shell', { command: ['pwd'] })),
        completed(),
      ],
      textAnswer('both'),
      textAnswer('later'),
    ],
    async play(stage) {
      await stage.writeFile('other/file', '');
      const conversation = await stage.newConversation();
      await conversation.send('first');
      await stage.model.waitForRequests(1);
      await conversation.sendTurn('second', { cwd: `${stage.cwd}/other`, model: 'o3', effort: 'high' });
      await stage.settled();
      stage.gate('second was sent').open();
      await conversation.turnEnd();
      await conversation.say('third');
    },
  },
  {
    name: 'a turn needs its conversation',
    async play(stage) {
      await stage.request('sendUserTurn', {
        conversationId: storedId(404),
        items: [{ type: 'text', data: { text: 'hi' } }],
        cwd: stage.cwd,
        approvalPolicy: 'never',
        sandboxPolicy: { mode: 'read-only' },
        model: 'gpt-5',
        effort: null,
        summary: 'auto',
      });
    },
  },
];
