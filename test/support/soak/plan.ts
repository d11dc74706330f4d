import { drop, hang, type Step as StreamStep, wait } from '../../../src/demo/answers.ts';
import type { RecordedRequest } from '../../../src/demo/recording.ts';
import {
  callAnswer,
  created,
  failed,
  functionCall,
  textAnswer,
  textDelta,
} from '../../../src/demo/responses.ts';
import type { Random } from './random.ts';

/** What the model does in one request of a turn. */
type Step =
  | { readonly kind: 'text'; readonly words: number; readonly pauseMs: number }
  | { readonly kind: 'shell'; readonly command: readonly string[]; readonly timeoutMs: number }
  | { readonly kind: 'mcp' | 'fail' | 'drop' | 'hang' };

/** Sent as the text of a message, so that the model needs no memory and no dice of its own. */
export interface Plan {
  readonly steps: readonly Step[];
}

/** What the last message of a plan says when it was carried out. */
export const FINISHED = 'the plan is finished';

/** None writes faster than a listener reads: that one would be closed, as it should be (SEC-SLOW-2). */
const SCRIPTS = [
  'true',
  'echo out; echo err >&2; exit 3',
  'seq 1 3000',
  'head -c 300000 /dev/urandom | base64',
  'sleep 0.3',
  'yes | head -c 1000000',
  'while :; do echo again; sleep 0.01; done',
  'sleep 60 & echo told',
  'sleep 60 >/dev/null 2>&1 &',
  'setsid -f sleep 60; sleep 0.2',
  "(setsid -f sh -c 'setsid -f sleep 60; sleep 60' >/dev/null 2>&1 &)",
  "trap '' TERM INT; sleep 60",
  'kill -STOP $$; sleep 60',
  'exec >&- 2>&-; sleep 1',
  'exec env -i sleep 60',
  'kill -KILL $$',
  'i=0; while [ $i -lt 20 ]; do sleep 60 & i=$((i+1)); done; wait',
] as const;

export function drawPlan(random: Random): Plan {
  const steps = Array.from({ length: random.below(4) }, () => drawStep(random));
  return { steps };
}

function drawStep(random: Random): Step {
  const [first, ...rest] = SCRIPTS;
  const timeoutMs = 300 + random.below(1200);
  const draw = random.below(20);
  if (draw < 10) {
    const command = ['sh', '-c', random.pick([first, ...rest])];
    return { kind: 'shell', command, timeoutMs };
  }
  if (draw < 13) return { kind: 'shell', command: ['apply_patch', drawPatch(random)], timeoutMs };
  if (draw === 13) return { kind: 'shell', command: ['/nowhere/program'], timeoutMs };
  if (draw === 14) return { kind: 'mcp' };
  if (draw === 15) return { kind: random.pick(['fail', 'drop', 'hang']) };
  return { kind: 'text', words: random.below(200), pauseMs: random.below(200) };
}

function drawPatch(random: Random): string {
  const file = `file-${random.below(5)}.txt`;
  const body = random.pick([
    `*** Add File: ${file}\n+one\n+two`,
    `*** Update File: ${file}\n@@\n-one\n+ONE`,
    `*** Delete File: ${file}`,
    'nonsense',
  ]);
  return `*** Begin Patch\n${body}\n*** End Patch`;
}

/** Answers as the last plan of the request says; the outputs behind it tell how far it has come. */
export function followPlan({ body: { input } }: RecordedRequest): Iterable<StreamStep> {
  const at = input.findLastIndex((item) => readPlan(item) !== undefined);
  const done = input.slice(at + 1).filter(({ type }) => type.endsWith('call_output')).length;
  const step = readPlan(input[at])?.steps[done];
  return step ? answer(step, `call-${input.length}`) : textAnswer(FINISHED);
}

function readPlan(item: unknown): Plan | undefined {
  const text = (item as { content?: { text?: string }[] } | undefined)?.content?.[0]?.text;
  return text?.startsWith('{"steps":') ? JSON.parse(text) : undefined;
}

function answer(step: Step, callId: string): Iterable<StreamStep> {
  switch (step.kind) {
    case 'text': {
      const delay = new Promise((resolve) => setTimeout(resolve, step.pauseMs));
      const words = Array.from({ length: step.words }, (_, index) => textDelta(`word${index} `));
      return [created(), ...words, wait(delay), ...textAnswer(FINISHED).slice(1)];
    }
    case 'shell': {
      const { command, timeoutMs: timeout_ms } = step;
      return callAnswer(functionCall('shell', { command, timeout_ms }, callId));
    }
    case 'mcp':
      return callAnswer(functionCall('tiny__wait', { ms: 200 }, callId));
    case 'fail':
      return [created(), failed('server_error', 'the model has a bad day')];
    case 'drop':
      return [created(), textDelta('half'), drop()];
    case 'hang':
      return [created(), textDelta('half'), hang()];
  }
}
