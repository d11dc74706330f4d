import { at } from './json.ts';
import type { Stage } from './stage.ts';
import type { Message } from './target.ts';

/** What a client answers to a question: a decision, a result that is none, or an error. */
export type ClientAnswer = string | { readonly result: unknown } | { readonly error: unknown };

/** Answers each question by the id of the call it is about; a call without an entry is never answered. */
export function answerCalls(stage: Stage, answers: Readonly<Record<string, ClientAnswer>>): void {
  stage.target.onServerRequest(({ id, params }) => {
    const answer = answers[String(at(params, 'call_id'))];
    if (answer === undefined) return undefined;
    if (typeof answer === 'string') return { decision: answer };
    stage.target.sendText(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
    return undefined;
  });
}

/** The next question of the server, counted from the start of the target. */
export async function nextQuestion(stage: Stage, index = 0): Promise<Message> {
  const isQuestion = ({ id, method }: Message) => id !== undefined && method !== undefined;
  let from = 0;
  for (let skipped = 0; ; skipped++) {
    const found = await stage.target.waitFor(isQuestion, { from, patience: 10_000, what: 'a question' });
    if (skipped === index) return found.message;
    from = found.index + 1;
  }
}
