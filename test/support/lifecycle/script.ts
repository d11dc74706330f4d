import { setImmediate } from 'node:timers/promises';
import { type Answer, type Step, wait } from '../../../src/demo/answers.ts';
import type { RequestBody } from '../../../src/demo/recording.ts';
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

/**
 * A model that is told what to do by the last message of the user, `WORD REST`:
 * - `hold` answers in part and goes on when the gate of the whole message is opened
 * - `run` calls the shell with REST, and says something when that is done
 * - `many` says REST things, with deltas between them
 * - anything else is answered at once
 */
export interface Script {
  respond(request: { readonly body: RequestBody }): Answer;
  /** Lets the answer to a `hold` message go on, now or when it comes. */
  open(text: string): void;
}

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function createScript(): Script {
  const gates = new Map<string, Gate>();
  const gateOf = (text: string): Gate => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const gate = gates.get(text) ?? { opened: promise, open: resolve };
    gates.set(text, gate);
    return gate;
  };
  return {
    respond: ({ body }) => answerTo(body, (text) => gateOf(text).opened),
    open: (text) => gateOf(text).open(),
  };
}

function answerTo({ input }: RequestBody, opened: (text: string) => Promise<void>): Answer {
  const at = input.findLastIndex((item) => item.type === 'message' && item.role === 'user');
  const text = textOf(input[at]);
  const [word, ...rest] = text.split(' ');
  const isDone = input.slice(at + 1).some(({ type }) => type === 'function_call_output');
  if (word === 'hold') return heldAnswer(text, opened(text));
  if (word === 'many') return manyMessages(Number(rest[0]));
  if (word !== 'run' || isDone) return textAnswer(`answer to ${text}`);
  const command = ['sh', '-c', rest.join(' ')];
  return callAnswer(functionCall('shell', { command, timeout_ms: 60_000 }, `call-${input.length}`));
}

function heldAnswer(text: string, opened: Promise<void>): Answer {
  const answer = `answer to ${text}`;
  return [created(), textDelta('answer '), wait(opened), itemDone(message(answer)), completed()];
}

/** Ten deltas for each message, and a breath after each, so that listeners come and go in between. */
async function* manyMessages(count: number): AsyncGenerator<Step> {
  yield created();
  for (let at = 0; at < count; at++) {
    for (let delta = 0; delta < 10; delta++) yield textDelta(`${delta} `);
    yield itemDone(message(`part ${at}`));
    await setImmediate();
  }
  yield completed();
}

function textOf(item: unknown): string {
  const content = (item as { content?: { text?: string }[] } | undefined)?.content;
  return content?.[0]?.text ?? '';
}
