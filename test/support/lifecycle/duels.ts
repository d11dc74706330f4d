import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { createConversation, inputText, type RealConversation } from './conversation.ts';
import { type ConversationModel, initialModel } from './model.ts';
import type { Act, Operation } from './operation.ts';
import type { Outcome } from './outcome.ts';
import { expectHistory, expectOnePlace } from './postconditions.ts';
import { begin, race } from './races.ts';
import { perform } from './sequential.ts';
import type { Place } from './stored-files.ts';
import type { World } from './world.ts';

export interface Duel {
  readonly place: Place;
  /** Done before, one after another, by the first client. */
  readonly before?: readonly Operation[];
  /** Done before that, in half of the cases. */
  readonly perhaps?: Operation;
  /** Done at once by two clients. */
  readonly operations: readonly [Operation, Operation];
}

export interface Fought {
  readonly conversation: RealConversation;
  readonly model: ConversationModel;
  readonly acts: readonly Act[];
  readonly outcomes: readonly Outcome[];
}

/** Two operations that meet, from different clients and with different delays each time. */
export const duels = (world: World, duel: Duel, verify: (fought: Fought) => unknown = () => {}) => {
  const delays = fc.tuple(fc.nat({ max: 4 }), fc.nat({ max: 4 }));
  const callers = fc.constantFrom<[number, number]>([0, 1], [0, 2], [2, 1], [2, 2]);
  return fc.asyncProperty(delays, callers, fc.boolean(), async (delay, caller, isPrepared) => {
    const conversation = createConversation(world, duel.place);
    let model = initialModel(duel.place);
    const before = [...(isPrepared && duel.perhaps ? [duel.perhaps] : []), ...(duel.before ?? [])];
    for (const operation of before) model = await prepare(conversation, model, actOf(operation, 0));
    const acts = duel.operations.map((operation, at) => actOf(operation, caller[at] ?? 0));
    const racers = acts.map((act, at) => ({ act, delay: delay[at] ?? 0 }));
    const { outcomes, model: after } = await race(conversation, model, racers);
    await verify({ conversation, model: after, acts, outcomes });
    expectHistory(conversation, after);
    await expectOnePlace(conversation, after);
  });
};

function actOf(operation: Operation, caller: number): Act {
  const course = operation.kind === 'say' ? operation.course : 'end';
  return { operation, caller, text: inputText(course, randomUUID()) };
}

const prepare = (
  conversation: RealConversation,
  model: ConversationModel,
  act: Act,
): Promise<ConversationModel> =>
  act.operation.kind === 'say' ? begin(conversation, model, act) : perform(conversation, model, act);
