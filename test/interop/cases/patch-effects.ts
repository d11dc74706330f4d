import { callAnswer, functionCall, textAnswer } from '../../../src/demo/responses.ts';
import { answerCalls } from '../harness/answering.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { addFile } from '../harness/patch-text.ts';
import { four, input, type Make, patch, patchCase, shell } from './patch-calls.ts';
import { strictWorkspace } from './strict-workspace.ts';

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

export const patchEffects: readonly InteropCase[] = [
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
