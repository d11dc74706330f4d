import { callAnswer, functionCall, textAnswer } from '../../../src/demo/responses.ts';
import { answerCalls, type ClientAnswer } from '../harness/answering.ts';
import { callOutputs } from '../harness/call-outputs.ts';
import type { InteropCase } from '../harness/interop-case.ts';
import type { Stage } from '../harness/stage.ts';
import { strictWorkspace } from './strict-workspace.ts';

interface Arguments {
  readonly command: readonly string[];
  readonly timeout_ms?: number;
}

/** What fails says so itself: the system's words depend on how the sandbox is made. */
const bash = (script: string): Arguments => ({ command: ['bash', '-c', `exec 2>/dev/null; ${script}`] });

const attempts: readonly Arguments[] = [
  bash('cat a.txt'),
  bash('echo new > new.txt || echo kept'),
  bash('echo out > ../out.txt || echo kept'),
  bash('echo x > /dev/null && echo thrown away'),
  bash('exec 3<> /dev/tcp/127.0.0.1/9 || echo no network; echo "$CODEX_SANDBOX_NETWORK_DISABLED"'),
  bash('echo before; exit 3'),
  bash('exit 127'),
  { ...bash('echo early; exec sleep 30'), timeout_ms: 400 },
  { command: ['ls', 'nowhere'] },
];

interface SandboxCase {
  readonly name: string;
  readonly calls: readonly Arguments[];
  readonly policies: readonly string[];
  readonly modes: readonly string[];
  readonly decision?: ClientAnswer;
  readonly config?: InteropCase['config'];
  readonly prepare?: (stage: Stage) => Promise<unknown>;
}

/** All calls in one response, under each policy in each mode. */
function sandboxCase({
  name,
  calls,
  policies,
  modes,
  decision = 'denied',
  ...more
}: SandboxCase): InteropCase {
  const ids = calls.map((_, index) => `call_${index}`);
  return {
    name,
    config: more.config ?? strictWorkspace,
    answers: (_stage, { body }) =>
      body.input.at(-1)?.type === 'function_call_output'
        ? textAnswer('done')
        : callAnswer(...calls.map((args, index) => functionCall('shell', args, ids[index]))),
    async play(stage) {
      await stage.writeFile('a.txt', 'A\n');
      await more.prepare?.(stage);
      answerCalls(stage, Object.fromEntries(ids.map((id) => [id, decision])));
      for (const approvalPolicy of policies) {
        for (const sandbox of modes) {
          const conversation = await stage.newConversation({ approvalPolicy, sandbox });
          await conversation.say('run it');
        }
      }
      stage.note('files', await stage.contents());
    },
  };
}

const restricted = ['read-only', 'workspace-write'];

export const sandboxes: readonly InteropCase[] = [
  sandboxCase({
    name: 'a failure in the sandbox goes to the model where nobody is to be asked',
    calls: attempts,
    policies: ['never', 'on-request'],
    modes: restricted,
  }),
  sandboxCase({
    name: 'a failure in the sandbox may be tried again without it',
    calls: [...attempts, bash('exit 3')],
    policies: ['on-failure'],
    modes: restricted,
    decision: 'approved',
  }),
  sandboxCase({
    name: 'a failure in the sandbox is rejected',
    calls: attempts,
    policies: ['on-failure'],
    modes: ['read-only'],
  }),
  sandboxCase({
    name: 'roots and network of the workspace are as the settings say',
    policies: ['never'],
    modes: ['workspace-write'],
    config: (stage) => ({
      sandbox_workspace_write: {
        ...(strictWorkspace.sandbox_workspace_write as object),
        writable_roots: [`${stage.cwd}-root`],
        network_access: true,
      },
    }),
    prepare: (stage) => stage.writeFile(`${stage.cwd}-root/there`, ''),
    calls: [
      bash('echo x > ../work-root/new && cat ../work-root/new'),
      bash('echo x > ../beside || echo kept'),
      bash('echo "[$CODEX_SANDBOX_NETWORK_DISABLED]"'),
      bash('exec 3<> /dev/udp/127.0.0.1/9 && echo network'),
    ],
  }),
  sandboxCase({
    name: 'folders for temporary files are part of the workspace',
    policies: ['never'],
    modes: ['workspace-write'],
    config: {},
    calls: [
      bash('echo x > ../in-tmp && cat ../in-tmp'),
      bash('echo x > "$HOME/in-tmp" && cat "$HOME/in-tmp"'),
    ],
  }),
  {
    name: 'a turn brings a sandbox of its own',
    config: strictWorkspace,
    answers: (_stage, { body }) =>
      body.input.at(-1)?.type === 'function_call_output'
        ? textAnswer('done')
        : callAnswer(
            functionCall(
              'shell',
              bash('echo x > new.txt || echo kept; echo x > ../work-root/new || echo kept'),
            ),
          ),
    async play(stage) {
      await stage.writeFile('../work-root/there', '');
      const conversation = await stage.newConversation();
      const closed = { exclude_slash_tmp: true, exclude_tmpdir_env_var: true };
      for (const sandboxPolicy of [
        { mode: 'read-only' },
        { mode: 'workspace-write', ...closed },
        { mode: 'workspace-write', ...closed, writable_roots: [`${stage.cwd}-root`], network_access: true },
        { mode: 'workspace-write' },
        { mode: 'danger-full-access' },
      ])
        await conversation.turn('run it', { sandboxPolicy });
    },
  },
  {
    name: 'a sandbox speaks of what it denied in words of its own',
    answers: [callAnswer(functionCall('shell', { command: ['touch', 'new.txt'] })), textAnswer('done')],
    async play(stage) {
      const conversation = await stage.newConversation({ sandbox: 'read-only' });
      await conversation.say('run it');
    },
  },
  {
    name: 'a sandbox has its own way to end a command',
    config: { sandbox_mode: 'read-only' },
    answers: [
      callAnswer(
        functionCall('shell', bash('echo last words; kill -TERM $$'), 'dies of a signal'),
        functionCall('shell', { command: [] }, 'is empty'),
        functionCall('shell', { command: ['no-such-program-here'] }, 'is not there'),
      ),
      textAnswer('done'),
    ],
    compare: ['notes'],
    async play(stage) {
      const conversation = await stage.newConversation();
      await conversation.say('run it');
      stage.note('outputs', callOutputs(stage));
    },
  },
  {
    name: 'the repository in the workspace cannot be written',
    config: strictWorkspace,
    answers: [
      callAnswer(
        functionCall('shell', bash('echo x > .git/new || echo kept')),
        functionCall('shell', bash('echo x > ok'), 'call_2'),
      ),
      textAnswer('done'),
    ],
    compare: ['notes'],
    async play(stage) {
      stage.git(['init', '-q']);
      const conversation = await stage.newConversation({ sandbox: 'workspace-write' });
      await conversation.say('run it');
      stage.note('outputs', callOutputs(stage));
      stage.note('files', await stage.contents());
    },
  },
];
