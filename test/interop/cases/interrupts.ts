import { spawnSync } from 'node:child_process';
import { hang, wait } from '../../../src/demo/answers.ts';
import {
  callAnswer,
  completed,
  created,
  functionCall,
  itemDone,
  message,
  textAnswer,
  textDelta,
} from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { at } from '../harness/json.ts';
import type { Stage } from '../harness/stage.ts';

const bash = (script: string) => ({ command: ['bash', '-c', script] });

/** Whether there is a process of this id that has not ended. */
function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout !== '' && !stdout.startsWith('Z');
}

/** The texts of the user in each request, without what the server adds. */
function userTexts(stage: Stage): string[] {
  return stage.model.requests.map(({ body }) =>
    body.input
      .filter(({ role }) => role === 'user')
      .flatMap(({ content }) => (Array.isArray(content) ? content : []))
      .map(({ text }) => String(text))
      .filter((text) => !text.startsWith('<'))
      .join(', '),
  );
}

export const interrupts: readonly InteropCase[] = [
  {
    name: 'an interrupt while the model streams drops the answer and keeps the question',
    answers: [[created(), textDelta('partial '), hang()], textAnswer('fresh')],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.send('first');
      await conversation.event('agent_message_delta');
      await conversation.interrupt();
      const last = stage.target.messages.slice(-2).map(({ method = 'answer' }) => method);
      stage.note('the end of the turn was told before the answer', last);
      await conversation.turnEnd();
      await stage.settled();
      stage.note('the connection to the model was closed', stage.model.requests[0]?.closedEarly);
      await conversation.say('second');
    },
  },
  {
    name: 'an interrupt after a finished message keeps its event alone',
    answers: [[created(), textDelta('whole'), itemDone(message('whole')), hang()], textAnswer('fresh')],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.send('first');
      await conversation.event('agent_message');
      await conversation.interrupt();
      await conversation.turnEnd();
      await stage.settled();
      await conversation.say('second');
    },
  },
  {
    name: 'an interrupt ends the command that runs',
    answers: [callAnswer(functionCall('shell', bash('echo started; exec sleep 30'))), textAnswer('fresh')],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.send('first');
      await conversation.event('exec_command_output_delta');
      await conversation.interrupt();
      await conversation.turnEnd();
      await stage.settled();
      await conversation.say('second');
    },
  },
  {
    name: 'an interrupt ends what a command has started',
    answers: [callAnswer(functionCall('shell', bash('sleep 30 & echo $!; wait'))), textAnswer('fresh')],
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.send('first');
      const { params } = await conversation.event('exec_command_output_delta');
      const pid = Number(Buffer.from(String(at(params, 'msg', 'chunk')), 'base64'));
      await conversation.interrupt();
      const goesOn = isRunning(pid);
      stage.note('it goes on', goesOn);
      if (goesOn) process.kill(pid);
    },
  },
  {
    name: 'two interrupts of one turn are answered',
    answers: [callAnswer(functionCall('shell', bash('echo started; exec sleep 30'))), textAnswer('fresh')],
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.send('first');
      await conversation.event('exec_command_output_delta');
      const [first, second] = await Promise.all([conversation.interrupt(1500), conversation.interrupt(1500)]);
      stage.note('first', first);
      stage.note('the second is answered', 'result' in second);
      await conversation.turnEnd();
      await conversation.say('second');
    },
  },
  {
    name: 'an interrupt without a turn is answered',
    answers: [textAnswer('one')],
    compare: ['replies'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.interrupt(700);
      await conversation.say('hi');
      await conversation.interrupt(700);
    },
  },
  {
    name: 'a message during a turn goes with its next request',
    answers: [
      (stage) => [
        created(),
        wait(stage.gate('second was sent').opened),
        itemDone(functionCall('shell', bash('echo x'))),
        completed(),
      ],
      textAnswer('both'),
      textAnswer('later'),
    ],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.send('first');
      await stage.model.waitForRequests(1);
      await conversation.send('second');
      await stage.settled();
      stage.gate('second was sent').open();
      await conversation.turnEnd();
      await conversation.say('third');
    },
  },
  {
    name: 'a message during the last answer is answered in the same turn',
    answers: [
      (stage) => [
        created(),
        textDelta('fin'),
        wait(stage.gate('second was sent').opened),
        itemDone(message('final')),
        completed(),
      ],
      textAnswer('for the second'),
      textAnswer('for the third'),
    ],
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.send('first');
      await conversation.event('agent_message_delta');
      await conversation.send('second');
      await stage.settled();
      stage.gate('second was sent').open();
      await conversation.turnEnd();
      await conversation.say('third');
      stage.note('texts of each request', userTexts(stage).join(' | '));
    },
  },
];
