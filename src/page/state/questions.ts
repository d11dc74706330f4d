import { signal } from '@preact/signals';
import type { Approval } from '../../client/approvals.ts';
import type { Client } from '../../client/client.ts';
import type { ReviewDecision } from '../../protocol/vocabulary/policies.ts';

/** A question of the agent that is open, as far as this page knows. */
export interface Question {
  readonly approval: Approval;
  /** Without effect when it was answered, here or elsewhere. */
  answer(decision: ReviewDecision): void;
}

/** The open questions of the conversations that the page listens to. They vanish when anybody has answered. */
export function watchQuestions(client: Client) {
  const questions = signal<readonly Question[]>([]);

  client.onApproval((approval) => {
    const { promise, resolve } = Promise.withResolvers<ReviewDecision | undefined>();
    const question = { approval, answer: resolve };
    questions.value = [...questions.value, question];
    approval.signal.addEventListener('abort', () => {
      questions.value = questions.value.filter((other) => other !== question);
      resolve(undefined);
    });
    return promise;
  });
  return questions;
}
