import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { callAnswer, functionCall, type OutputItem, textAnswer } from '../../../src/demo/responses.ts';
import { answerCalls, type ClientAnswer, nextQuestion } from '../harness/answering.ts';
import { callOutputs } from '../harness/call-outputs.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { addFile } from '../harness/patch-text.ts';
import { strictWorkspace } from './strict-workspace.ts';

const bash = (script: string) => ({ command: ['bash', '-c', script] });

/** Calls of the shell by their id, all in one response, and what the client answers to questions about them. */
interface Asked {
  readonly [callId: string]: readonly [args: object, answer?: ClientAnswer];
}

const callsOf = (asked: Asked): OutputItem[] =>
  Object.entries(asked).map(([callId, [args]]) => functionCall('shell', args, callId));

const answersTo = (asked: Asked): Record<string, ClientAnswer> =>
  Object.fromEntries(Object.entries(asked).map(([callId, [, answer = 'denied']]) => [callId, answer]));

const untrusted = { approval_policy: 'untrusted' };

const decisions: Asked = {
  safe: [{ command: ['ls'] }],
  approved: [bash('echo approved'), 'approved'],
  'approved before': [bash('echo approved'), 'denied'],
  session: [bash('echo session'), 'approved_for_session'],
  'the same': [bash('echo session')],
  'the same elsewhere': [{ ...bash('echo session'), workdir: 'below' }],
  'almost the same': [bash('echo session '), 'denied'],
  denied: [bash('echo denied > denied'), 'denied'],
  'no such decision': [bash('echo 1'), 'maybe'],
  'no decision': [bash('echo 2'), { result: {} }],
  'no object': [bash('echo 3'), { result: 'approved' }],
  'approved and failing': [bash('exit 3'), 'approved'],
  'approved and not there': [{ command: ['no-such-program-here'] }, 'approved'],
  'approved and killed': [bash('kill -TERM $$'), 'approved'],
  'with a reason': [{ ...bash('echo 4'), justification: 'it is needed' }, 'approved'],
  'with a reason and more rights': [
    { ...bash('echo 5'), with_escalated_permissions: true, justification: 'it is needed' },
    'approved',
  ],
  'with more rights and no reason': [{ ...bash('echo 6'), with_escalated_permissions: true }, 'denied'],
};

const escalations: Asked = {
  'with a reason': [
    { ...bash('echo 1'), with_escalated_permissions: true, justification: 'it is needed' },
    'approved',
  ],
  'without a reason': [{ ...bash('echo 2'), with_escalated_permissions: true }, 'denied'],
  'reason alone': [{ ...bash('echo 3'), justification: 'it is needed' }],
  safe: [{ command: ['ls'], with_escalated_permissions: true, justification: 'it is needed' }],
  'not escalated': [{ ...bash('echo 4'), with_escalated_permissions: false }],
};

const unanswered = (name: string, tool: string, args: object): InteropCase => ({
  name,
  config: untrusted,
  answers: [callAnswer(functionCall(tool, args)), textAnswer('done')],
  compare: ['notes'],
  async play(stage) {
    answerCalls(stage, { call_1: { error: { code: -32000, message: 'no' } } });
    const conversation = await stage.newConversation();
    await conversation.send('do it');
    const end = await conversation.turnEnd(1500).catch(() => undefined);
    stage.note('end of the turn', end?.method ?? 'none');
    stage.note('outputs', callOutputs(stage));
  },
});

const aborted = (name: string, tool: string, args: object): InteropCase => ({
  name,
  config: untrusted,
  answers: (_stage, { body }) =>
    JSON.stringify(body.input).includes('second')
      ? textAnswer('done')
      : callAnswer(functionCall(tool, args, 'call_0'), functionCall(tool, args, 'call_1')),
  compare: ['serverRequests', 'notes'],
  async play(stage) {
    answerCalls(stage, { call_0: 'abort' });
    const conversation = await stage.newConversation();
    await conversation.send('first');
    stage.note('end', (await conversation.turnEnd()).params);
    await conversation.send('second');
    stage.note('end of the next turn', (await conversation.turnEnd()).params);
    stage.note('made', existsSync(join(stage.cwd, 'made')));
  },
});

export const execApprovals: readonly InteropCase[] = [
  {
    name: 'a command waits for its decision under untrusted',
    config: untrusted,
    answers: [callAnswer(...callsOf(decisions)), textAnswer('done')],
    async play(stage) {
      await stage.writeFile('below/there', '');
      answerCalls(stage, answersTo(decisions));
      const conversation = await stage.newConversation();
      await conversation.say('run it');
    },
  },
  {
    name: 'what is approved for the session holds for the turns of its conversation, with any settings',
    config: untrusted,
    answers: (_stage, { body }) =>
      body.input.at(-1)?.type === 'function_call_output'
        ? textAnswer('done')
        : callAnswer(functionCall('shell', bash('echo again'))),
    async play(stage) {
      answerCalls(stage, { call_1: 'approved_for_session' });
      const conversation = await stage.newConversation();
      await conversation.say('first');
      await conversation.say('second');
      await conversation.turn('third', {
        approvalPolicy: 'untrusted',
        sandboxPolicy: { mode: 'read-only' },
      });
      const other = await stage.newConversation();
      await other.say('first');
    },
  },
  {
    name: 'more rights are asked for where the policy lets the model ask',
    config: strictWorkspace,
    answers: (_stage, { body }) =>
      body.input.at(-1)?.type === 'function_call_output'
        ? textAnswer('done')
        : callAnswer(...callsOf(escalations)),
    async play(stage) {
      answerCalls(stage, answersTo(escalations));
      for (const sandbox of ['read-only', 'workspace-write', 'danger-full-access']) {
        const conversation = await stage.newConversation({ approvalPolicy: 'on-request', sandbox });
        await conversation.say('run it');
      }
    },
  },
  {
    name: 'settings of one turn decide what is asked in it',
    answers: (_stage, { body }) =>
      body.input.at(-1)?.type === 'function_call_output'
        ? textAnswer('done')
        : callAnswer(functionCall('shell', bash('pwd'))),
    async play(stage) {
      await stage.writeFile('below/there', '');
      answerCalls(stage, { call_1: 'denied' });
      const conversation = await stage.newConversation();
      await conversation.turn('ask', { approvalPolicy: 'untrusted', cwd: `${stage.cwd}/below` });
      await conversation.say('run');
    },
  },
  aborted('an abort ends the turn of a command', 'shell', bash('echo > made')),
  aborted('an abort ends the turn of a patch', 'apply_patch', { input: addFile('made', '1') }),
  unanswered('an error for an answer denies a command', 'shell', bash('echo > made')),
  unanswered('an error for an answer denies a patch', 'apply_patch', { input: addFile('made', '1') }),
  {
    name: 'an interrupt takes a question back, and its answer comes too late',
    config: untrusted,
    answers: [
      callAnswer(functionCall('shell', bash('echo > made'))),
      callAnswer(functionCall('apply_patch', { input: addFile('made', '1') }, 'call_2')),
      textAnswer('done'),
    ],
    compare: ['replies', 'serverRequests', 'notifications', 'notes'],
    async play(stage) {
      answerCalls(stage, {});
      const conversation = await stage.newConversation();
      for (const [index, text] of ['run it', 'patch it'].entries()) {
        await conversation.send(text);
        const { id } = await nextQuestion(stage, index);
        await conversation.interrupt();
        stage.target.sendText(JSON.stringify({ jsonrpc: '2.0', id, result: { decision: 'approved' } }));
        await stage.settled();
      }
      await conversation.say('and now?');
      stage.note('made', existsSync(join(stage.cwd, 'made')));
    },
  },
];
