import { callAnswer, textAnswer } from '../../../src/demo/responses.ts';
import { callOutputs } from '../harness/call-outputs.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import { addFile, patchText } from '../harness/patch-text.ts';
import { custom, four, input, type Make, patch, patchCase, shell } from './patch-calls.ts';

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
];
