import {
  callAnswer,
  customToolCall,
  functionCall,
  type OutputItem,
  textAnswer,
} from '../../../src/demo/responses.ts';
import { answerCalls, type ClientAnswer } from '../harness/answering.ts';
import { callOutputs } from '../harness/call-outputs.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { addFile, patchText } from '../harness/patch-text.ts';
import type { Stage } from '../harness/stage.ts';
import { strictWorkspace } from './strict-workspace.ts';

type Make = (callId: string) => OutputItem;

interface PatchCase {
  readonly name: string;
  readonly calls: readonly Make[];
  readonly config?: InteropCase['config'];
  readonly prepare?: (stage: Stage) => Promise<unknown>;
  readonly answers?: Readonly<Record<string, ClientAnswer>>;
}

/** The model makes one call after the other, in one response; then the working directory is looked at. */
function patchCase({ name, calls, config, prepare, answers = {} }: PatchCase): InteropCase {
  return {
    name,
    answers: [callAnswer(...calls.map((make, index) => make(`call_${index}`))), textAnswer('done')],
    ...(config && { config }),
    async play(stage) {
      await prepare?.(stage);
      answerCalls(stage, answers);
      const conversation = await stage.newConversation();
      await conversation.say('patch it');
      stage.note('files', await stage.contents());
    },
  };
}

const patch =
  (...lines: readonly string[]): Make =>
  (callId) =>
    functionCall('apply_patch', { input: patchText(...lines) }, callId);

const shell =
  (command: readonly string[], more = {}): Make =>
  (callId) =>
    functionCall('shell', { command, ...more }, callId);

const input =
  (text: string): Make =>
  (callId) =>
    functionCall('apply_patch', { input: text }, callId);

const custom =
  (text: string): Make =>
  (callId) =>
    customToolCall('apply_patch', text, callId);

const heredoc = (text: string) => `apply_patch <<'EOF'\n${text}\nEOF\n`;

const doors: readonly Make[] = [
  input(addFile('function', '1')),
  custom(addFile('custom', '1')),
  shell(['apply_patch', addFile('shell', '1')]),
  shell(['applypatch', addFile('applypatch', '1')]),
  shell(['apply_patch', addFile('workdir', '1')], { workdir: 'below' }),
  shell(['bash', '-lc', heredoc(addFile('heredoc', '1'))]),
  shell(['bash', '-lc', `cd below && ${heredoc(addFile('cd', '1'))}`]),
  input(`<<'EOF'\n${addFile('wrapped', '1')}\nEOF`),
];

const notDoors: readonly Make[] = [
  shell([addFile('bare', '1')]),
  shell(['bash', '-lc', addFile('bare-in-bash', '1')]),
  shell(['apply_patch', 'no patch']),
  shell(['bash', '-lc', `apply_patch <<'EOF'\nno patch\nEOF\n`]),
];

const four = '1\n2\n3\n4\n';

export const patches: readonly InteropCase[] = [
  patchCase({
    name: 'a patch comes in through every door',
    prepare: (stage) => stage.writeFile('below/there', ''),
    calls: doors,
  }),
  patchCase({ name: 'what only looks like a patch is explained', calls: notDoors }),
  {
    name: 'a script may call apply_patch as a program',
    answers: [
      callAnswer(
        shell(['bash', '-c', `echo '${addFile('piped', '1')}' | apply_patch 2> /dev/null`])('call_0'),
      ),
      textAnswer('done'),
    ],
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('patch it');
      stage.note('files', await stage.contents());
      stage.note('outputs', callOutputs(stage));
    },
  },
  patchCase({
    name: 'a patch through each door waits for its decision under untrusted',
    config: { approval_policy: 'untrusted' },
    prepare: (stage) => stage.writeFile('a.txt', four),
    calls: [
      patch('*** Update File: a.txt', '@@', ' 1', '-2', '+two', '*** Add File: new.txt', '+x'),
      patch('*** Update File: a.txt', '*** Move to: moved/b.txt', '@@', ' 3', '-4', '+four'),
      custom(addFile('session', '1')),
      custom(addFile('session', '2')),
      shell(['apply_patch', addFile('shell', '1')]),
      shell(['bash', '-lc', heredoc(addFile('heredoc', '1'))], {
        with_escalated_permissions: true,
        justification: 'so',
      }),
      patch('*** Delete File: new.txt'),
      input(addFile('undecodable', '1')),
      input(addFile('no-decision', '1')),
      input(patchText('*** Add File: empty')),
    ],
    answers: {
      call_0: 'approved',
      call_1: 'approved',
      call_2: 'approved_for_session',
      call_3: 'denied',
      call_4: 'approved_for_session',
      call_5: 'denied',
      call_6: 'approved',
      call_7: 'maybe',
      call_8: { result: {} },
      call_9: 'approved',
    },
  }),
  patchCase({
    name: 'a patch that cannot be read or does not fit is explained',
    config: { approval_policy: 'untrusted' },
    prepare: async (stage) => {
      await stage.writeFile('a.txt', four);
      await stage.writeFile('folder/file', '');
    },
    calls: [
      input('hello'),
      input('*** Begin Patch\n*** Add File: x\n+1'),
      input(''),
      patch(),
      patch('*** Frobnicate: x'),
      patch('*** Update File: x'),
      patch('*** Update File: a.txt', '@@', '-2', 'bad line'),
      patch('*** Update File: a.txt', '@@', '-7', '-8', '+9'),
      patch('*** Update File: a.txt', '@@ nowhere', '-2', '+9'),
      patch('*** Update File: no.txt', '@@', '-a', '+b'),
      patch('*** Delete File: no.txt'),
      patch('*** Delete File: folder'),
      patch('*** Update File: folder', '@@', '-a', '+b'),
      patch('*** Add File: x', 'no plus'),
      patch('*** Update File: a.txt', '*** Move to: b.txt'),
      patch('*** Update File: a.txt', '@@'),
    ],
  }),
  patchCase({
    name: 'a patch that fails on the disk says what it has done until then',
    prepare: (stage) => stage.writeFile('file', 'x\n'),
    calls: [
      patch('*** Add File: before', '+1', '*** Add File: file/below', '+2'),
      patch('*** Update File: file', '*** Move to: before/x', '@@', '-x', '+y'),
    ],
  }),
  patchCase({
    name: 'lines are found in growing tolerance, from the last place on',
    prepare: async (stage) => {
      await stage.writeFile('exact', four);
      await stage.writeFile('trailing', 'a  \nb\n');
      await stage.writeFile('around', '    a\n    b\n');
      await stage.writeFile('dashes', 'a \u2013 b \u201cc\u201d\u00a0d\nnext\n');
      await stage.writeFile('twice', 'class A\n x\nclass B\n x\n');
      await stage.writeFile('end', 'x\ny\nx\n');
      await stage.writeFile('open', 'l1\nl2');
    },
    calls: [
      patch('*** Update File: exact', '@@', '-1', '+one', '@@', ' 3', '-4', '+four'),
      patch('*** Update File: exact', ' 2', '+2.5'),
      patch('*** Update File: trailing', '@@', ' a', '-b', '+B'),
      patch('*** Update File: around', '@@', ' a', '-b', '+B'),
      patch('*** Update File: dashes', '@@', ' a - b "c" d', '-next', '+after'),
      patch('*** Update File: twice', '@@ class B', '- x', '+ y'),
      patch('*** Update File: end', '@@', '-x', '+z', '*** End of File'),
      patch('*** Update File: open', '@@', ' l1', '-l2', '+L2'),
      patch('*** Add File: exact', '+over'),
      patch('*** Update File: exact', '@@', '+appended'),
      patch('*** Add File: nothing'),
      patch('*** Update File: end', '*** Move to: far/away/end', '@@', ' y', '+w'),
    ],
  }),
  {
    name: 'the diff of a turn grows with its patches, and begins anew with the next turn',
    answers: [
      callAnswer(
        patch('*** Update File: a.txt', '@@', '-1', '+one')('call_0'),
        patch('*** Add File: n.txt', '+n', '*** Delete File: d.txt')('call_1'),
      ),
      callAnswer(functionCall('shell', { command: ['bash', '-c', 'echo 5 >> a.txt'] }, 'call_2')),
      callAnswer(patch('*** Update File: a.txt', '*** Move to: b.txt', '@@', '-3', '+three')('call_3')),
      callAnswer(patch('*** Delete File: n.txt', '*** Update File: open', '@@', '-x', '+y')('call_4')),
      textAnswer('done'),
      callAnswer(patch('*** Update File: b.txt', '@@', '-2', '+two')('call_5')),
      textAnswer('done again'),
    ],
    async play(stage) {
      stage.git(['init', '-q', '-b', 'main']);
      await stage.writeFile('below/a.txt', four);
      await stage.writeFile('below/d.txt', 'gone\n');
      await stage.writeFile('below/open', 'x');
      const conversation = await stage.newConversation({ cwd: `${stage.cwd}/below` });
      await conversation.say('patch it');
      await conversation.say('and again');
      stage.note('files', await stage.contents());
    },
  },
  {
    name: 'outside of a repository the diff of a turn has absolute paths',
    answers: [
      callAnswer(
        patch('*** Update File: a.txt', '@@', '-1', '+one')('call_0'),
        patch('*** Add File: ../out.txt', '+o')('call_1'),
      ),
      textAnswer('done'),
    ],
    async play(stage) {
      await stage.writeFile('a.txt', four);
      const conversation = await stage.newConversation();
      await conversation.say('patch it');
    },
  },
  patchCase({
    name: 'a patch that fails on the disk counts as denied by the sandbox',
    config: { ...strictWorkspace, sandbox_mode: 'workspace-write' },
    prepare: (stage) => stage.writeFile('file', 'x\n'),
    calls: [patch('*** Add File: before', '+1', '*** Add File: file/below', '+2')],
  }),
  {
    name: 'a patch is kept within the roots of its sandbox',
    config: strictWorkspace,
    answers: (_stage, { body }) =>
      body.input.at(-1)?.type === 'function_call_output'
        ? textAnswer('done')
        : callAnswer(...ROOT_PATCHES.map((make, index) => make(`call_${index}`))),
    async play(stage) {
      answerCalls(stage, Object.fromEntries(ROOT_PATCHES.map((_, index) => [`call_${index}`, 'denied'])));
      for (const approvalPolicy of ['never', 'on-request']) {
        await stage.writeFile('a.txt', four);
        const conversation = await stage.newConversation({
          approvalPolicy,
          sandbox: 'workspace-write',
          config: { 'sandbox_workspace_write.writable_roots': [`${stage.cwd}/../root`] },
        });
        await conversation.say('patch it');
      }
      stage.note('files', await stage.contents());
    },
  },
];

const ROOT_PATCHES: readonly Make[] = [
  input(addFile('below/inside', '1')),
  input(addFile('below/../also-inside', '1')),
  input(addFile('../outside', '1')),
  input(addFile('../root/in-root', '1')),
  patch('*** Update File: a.txt', '*** Move to: ../outside', '@@', '-1', '+one'),
  patch('*** Add File: mixed', '+1', '*** Add File: ../outside', '+2'),
  shell(['apply_patch', addFile('../outside', '1')], {
    with_escalated_permissions: true,
    justification: 'so',
  }),
];
