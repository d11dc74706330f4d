import type fc from 'fast-check';
import { expect } from 'vitest';
import { carryOut, momentAfter, noteApproval, type RealConversation } from './conversation.ts';
import { type ConversationModel, step } from './model.ts';
import { type Act, describeOperation } from './operation.ts';
import { foresee, look } from './postconditions.ts';

/** What all commands of a run work on. */
export interface Models {
  readonly conversations: ConversationModel[];
}

export type Reals = readonly RealConversation[];

/** Only what has one result whatever the timing: a turn that runs is neither made to ask nor to hold. */
export function isDefinite(model: ConversationModel, { operation }: Act): boolean {
  if (operation.kind === 'release') return model.turn === 'held';
  return operation.kind !== 'say' || operation.course === 'end' || model.turn === 'none';
}

/** One act on one conversation, compared with the model's step, and then all that can be seen of it. */
export async function perform(
  conversation: RealConversation,
  before: ConversationModel,
  act: Act,
): Promise<ConversationModel> {
  const { world, file } = conversation;
  const { expected, next } = step(before, act);
  const moment = momentAfter(before, act, next);
  const reached = moment ? world.turns.count(file.id, moment) : 0;
  const outcome = await carryOut(conversation, act, before);
  if (outcome) expect(outcome.reason, describeOperation(act.operation)).toBe(expected);
  if (moment) await world.turns.beyond(file.id, moment, reached);
  if (moment === 'asked') await noteApproval(conversation);
  expect(await look(conversation), `after ${describeOperation(act.operation)}`).toEqual(
    foresee(conversation, next),
  );
  return next;
}

/** @param index of the conversation, counted round when there are fewer */
export const command = (index: number, act: Act): fc.AsyncCommand<Models, Reals> => ({
  check: ({ conversations }) => {
    const model = conversations[index % conversations.length];
    return model !== undefined && isDefinite(model, act);
  },
  async run({ conversations }, reals) {
    const at = index % conversations.length;
    const [model, real] = [conversations[at], reals[at]];
    if (!model || !real) throw new Error(`no conversation ${at}`);
    conversations[at] = await perform(real, model, act);
  },
  toString: () => `${index}: ${describeOperation(act.operation)} by ${act.caller} (${act.text})`,
});
