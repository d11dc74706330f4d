import {
  callAnswer,
  completed,
  created,
  customToolCall,
  functionCall,
  itemDone,
  localShellCall,
  message,
  type OutputItem,
  textAnswer,
  textDeltas,
} from '../../../src/demo/responses.ts';
import type { InteropCase } from '../harness/interop-case.ts';

type Arguments = Readonly<Record<string, unknown>> | string;

/** The model calls the shell with one set of arguments after the other, and then says that it is done. */
function shellCase(name: string, calls: readonly Arguments[]): InteropCase {
  return {
    name,
    answers: [
      ...calls.map((args, index) => callAnswer(functionCall('shell', args, `call_${index}`))),
      textAnswer('done'),
    ],
    async play(stage) {
      await stage.writeFile('below/a.txt', 'A\n');
      const conversation = await stage.newConversation();
      await conversation.say('run it');
    },
  };
}

const bash = (script: string) => ({ command: ['bash', '-c', script] });

function localShell(action: object, callId?: string): OutputItem {
  const item = localShellCall([], callId);
  const { call_id: _absent, ...withoutCallId } = item;
  return {
    ...(callId === undefined ? withoutCallId : item),
    type: item.type,
    action: { type: 'exec', ...action },
  };
}

export const shell: readonly InteropCase[] = [
  shellCase('a command runs to its end', [
    bash('echo out; sleep 0.2; echo err >&2'),
    bash('cat; pwd'),
    bash('echo before; exit 3'),
    bash('exit 127'),
    bash('cat below/a.txt && ls below | head -n 3'),
    { ...bash('pwd'), workdir: 'below' },
    { ...bash('pwd'), workdir: '/' },
  ]),
  shellCase('a command is ended', [
    bash('echo last words; kill -TERM $$'),
    { ...bash('echo early; exec sleep 30'), timeout_ms: 400 },
    { ...bash('exec sleep 30'), timeout: 300 },
  ]),
  shellCase('a command cannot start', [
    { command: [] },
    { command: [''] },
    { command: ['no-such-program-here', 'x'] },
    { command: ['/etc/passwd'] },
    { ...bash('pwd'), workdir: 'nowhere' },
  ]),
  shellCase('the arguments of a command cannot be read', [
    '{"command": ["ls"',
    { workdir: '/' },
    { command: 'ls' },
    { command: ['ls'], timeout_ms: 'long' },
  ]),
  shellCase('an output is long, no UTF-8 or without a newline at its end', [
    bash('seq 1 300'),
    bash('seq 1 256'),
    bash('seq 1 257'),
    bash('seq 1 4000'),
    bash('printf "a\\377b\\303\\050c\\n"'),
    bash('printf end'),
  ]),
  {
    name: 'the end of a long line reaches the model',
    answers: [
      callAnswer(functionCall('shell', bash('head -c 20000 /dev/zero | tr "\\0" x; echo END'))),
      textAnswer('done'),
    ],
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('run it');
      const output = String(stage.model.requests[1]?.body.input.at(-1)?.output);
      stage.note('the model saw the end', output.includes('END'));
    },
  },
  {
    name: 'a time limit reaches the children of a command',
    answers: [
      callAnswer(functionCall('shell', { ...bash('sleep 4 & exec sleep 4'), timeout_ms: 300 })),
      textAnswer('done'),
    ],
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.send('run it');
      await conversation.event('exec_command_begin');
      const start = performance.now();
      await conversation.event('exec_command_end');
      stage.note('the answer came in time', performance.now() - start < 3000);
    },
  },
  {
    name: 'several calls of one response run in order, beside a message',
    answers: [
      [
        created(),
        itemDone(functionCall('shell', bash('echo one; echo 1 > order'), 'call_a')),
        ...textDeltas('On it.'),
        itemDone(message('On it.')),
        itemDone(functionCall('container.exec', bash('cat order; echo 2 >> order'), 'call_b')),
        itemDone(functionCall('shell', bash('cat order; exit 1'), 'call_c')),
        completed(),
      ],
      textAnswer('done'),
      textAnswer('later'),
    ],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('do three things');
      await conversation.say('and?');
    },
  },
  {
    name: 'tools that do not exist are refused',
    answers: [
      callAnswer(
        functionCall('teleport', { to: 'moon' }, 'call_a'),
        customToolCall('magic', 'abra', 'call_b'),
      ),
      textAnswer('done'),
    ],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('do magic');
    },
  },
  {
    name: 'a call of the local shell runs',
    answers: [callAnswer(localShellCall(['echo', 'local'])), textAnswer('done'), textAnswer('later')],
    async play(stage) {
      const conversation = await stage.newConversation({ model: 'codex-mini-latest' });
      await conversation.say('run it');
      await conversation.say('and?');
    },
  },
  {
    name: 'a call of the local shell has a folder and a time limit of its own, and may lack an id',
    answers: [
      callAnswer(
        localShell({ command: ['pwd'], working_directory: '/usr' }, 'call_1'),
        localShell({ command: ['sh', '-c', 'echo early; exec sleep 30'], timeout_ms: 300 }, 'call_2'),
        localShell({ command: ['sh', '-c', 'exit 3'] }, 'call_3'),
        localShell({ command: ['no-such-program-here'] }, 'call_4'),
        localShell({ command: ['echo', 'no id'] }),
      ),
      textAnswer('done'),
    ],
    async play(stage) {
      const conversation = await stage.newConversation({ model: 'codex-mini-latest' });
      await conversation.say('run it');
    },
  },
  {
    name: 'a command sees the environment that the policy leaves',
    env: {
      A_KEY: '1',
      MY_TOKEN: '2',
      A_SECRET: '3',
      PLAIN: '4',
      AWS_REGION: '5',
      LOGNAME: 'me',
      TMPDIR: '/tmp',
    },
    answers: (_stage, { body }) =>
      body.input.at(-1)?.type === 'function_call_output'
        ? textAnswer('done')
        : callAnswer(
            functionCall('shell', {
              command: ['sh', '-c', 'env | grep -Ev "^(PATH|CODEXD_RUN_ID)=" | LC_ALL=C sort'],
            }),
          ),
    async play(stage) {
      const policies = [
        {},
        { inherit: 'core' },
        { inherit: 'none', set: { FOO: 'x', PATH: '/usr/bin:/bin' } },
        { ignore_default_excludes: true },
        { exclude: ['AWS_*', 'pla?n'] },
        { include_only: ['PATH', 'H*'] },
        { inherit: 'core', set: { MY_TOKEN: 'given' }, exclude: ['USER'] },
      ];
      for (const policy of policies) {
        const conversation = await stage.newConversation({ config: { shell_environment_policy: policy } });
        await conversation.say('show it');
      }
    },
  },
];
