import { type Step as StreamStep, wait } from '../../../src/demo/answers.ts';
import type { RecordedRequest } from '../../../src/demo/recording.ts';
import {
  completed,
  created,
  functionCall,
  itemDone,
  message,
  reasoning,
  reasoningSummaryDelta,
  textDelta,
} from '../../../src/demo/responses.ts';
import type { Random } from '../soak/random.ts';

/** One response of the model: it may think and talk, and calls one tool. */
export interface Step {
  readonly command: readonly string[];
  readonly talk?: number;
  readonly thinks?: boolean;
  readonly pauseMs?: number;
  /** Asks for consent where the conversation's policy leaves that to the model. */
  readonly escalated?: boolean;
}

/** What a user says: a name that nothing else has, and what the model is to do. */
export interface Said {
  readonly say: string;
  readonly steps: readonly Step[];
}

const COMMANDS: readonly [readonly string[], ...(readonly string[])[]] = [
  ['true'],
  ['sh', '-c', 'echo out; echo err >&2; exit 3'],
  ['seq', '1', '2000'],
  ['sleep', '0.02'],
  ['sleep', '0.5'],
  ['sh', '-c', 'sleep 20 >/dev/null 2>&1 & echo left'],
];

/** Text of a message; the model reads its plan there, so that it needs no memory and no dice of its own. */
export function drawSaid(say: string, random: Random): string {
  const steps = Array.from({ length: random.below(4) }, (_, index) => drawStep(`${say}-${index}`, random));
  return JSON.stringify({ say, steps } satisfies Said);
}

function drawStep(name: string, random: Random): Step {
  return {
    command: random.chance(0.25) ? ['apply_patch', drawPatch(name, random)] : random.pick(COMMANDS),
    ...(random.chance(0.5) && { talk: random.chance(0.1) ? 200_000 : random.below(2000) }),
    ...(random.chance(0.3) && { thinks: true }),
    ...(random.chance(0.3) && { pauseMs: random.chance(0.1) ? 3_000 : random.below(50) }),
    ...(random.chance(0.3) && { escalated: true }),
  };
}

function drawPatch(name: string, random: Random): string {
  const body = random.chance(0.8) ? `*** Add File: ${name}.txt\n+one\n+two` : 'nonsense';
  return `*** Begin Patch\n${body}\n*** End Patch`;
}

export function readSaid(text: string | undefined): Said | undefined {
  return text?.startsWith('{"say":') ? JSON.parse(text) : undefined;
}

/** Names of the inputs that a model request shows. */
export const namesIn = ({ body: { input } }: Pick<RecordedRequest, 'body'>): Set<string> =>
  new Set(input.flatMap((item) => readSaid(textOf(item))?.say ?? []));

function textOf(item: unknown): string | undefined {
  return (item as { content?: { text?: string }[] } | undefined)?.content?.[0]?.text;
}

/** Answers as the last plan of the request says; the outputs behind it tell how far it has come. */
export function followSaid({
  body: { input },
  index,
}: Pick<RecordedRequest, 'body' | 'index'>): StreamStep[] {
  const at = input.findLastIndex((item) => readSaid(textOf(item)) !== undefined);
  const said = readSaid(textOf(input[at]));
  const done = input.slice(at + 1).filter(({ type }) => type.endsWith('call_output')).length;
  const step = said?.steps[done];
  // Usage that no other response has tells token counts apart.
  const end = completed({ input: 1_000 + index, output: 5 });
  if (!said || !step) return [created(), itemDone(message(`end of ${said?.say}`)), end];
  return [created(), ...respond(`${said.say}.${done}`, step), end];
}

function respond(name: string, { command, talk, thinks, pauseMs, escalated }: Step): StreamStep[] {
  const steps: StreamStep[] = [];
  if (thinks) steps.push(reasoningSummaryDelta('hm'), itemDone(reasoning(`thought ${name}`)));
  if (talk !== undefined) {
    const text = `${name} says ${'x'.repeat(talk)}`;
    steps.push(textDelta(text), itemDone(message(text)));
  }
  if (pauseMs) steps.push(wait(new Promise((resolve) => setTimeout(resolve, pauseMs))));
  const consent = escalated && { with_escalated_permissions: true, justification: 'it has to' };
  steps.push(itemDone(functionCall('shell', { command, timeout_ms: 3_000, ...consent }, `call-${name}`)));
  return steps;
}
