import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { carryOut, noteApproval, type RealConversation, release } from './conversation.ts';
import { type ConversationModel, step } from './model.ts';
import { type Act, describeOperation } from './operation.ts';
import { type Outcome, succeeded } from './outcome.ts';
import { foresee, look, type Sight } from './postconditions.ts';

/** An act, and how many turns of the event loop later than the others it comes. */
export interface Racer {
  readonly act: Act;
  readonly delay: number;
}

export interface Raced {
  /** In the order of the acts. */
  readonly outcomes: readonly Outcome[];
  readonly model: ConversationModel;
}

/** What one order of the acts would lead to; the reason words stand in the order of the acts as given. */
interface Ending {
  readonly reasons: readonly string[];
  readonly model: ConversationModel;
}

/** Lets all acts meet and waits until nothing runs. What came of it has to be what one of their orders explains. */
export async function race(
  conversation: RealConversation,
  before: ConversationModel,
  racers: readonly Racer[],
): Promise<Raced> {
  const outcomes = await Promise.all(
    racers.map(async ({ act, delay }) => {
      for (let turns = 0; turns < delay; turns++) await setImmediate();
      return (await carryOut(conversation, act, before)) ?? succeeded({});
    }),
  );
  await settle(conversation);
  const sight = await look(conversation);
  const acts = racers.map(({ act }) => act);
  const reasons = outcomes.map(({ reason }) => reason);
  const endings = orders(acts).map((order) => endingOf(before, acts, order));
  const explained = endings.find(
    (ending) =>
      isDeepStrictEqual(ending.reasons.map(asClass), reasons.map(asClass)) &&
      isDeepStrictEqual(foresee(conversation, ending.model), sight),
  );
  if (!explained) throw new Error(inexplicable(acts, reasons, sight, endings));
  return { outcomes, model: explained.model };
}

/** A file that was there when it was asked for may be gone, and another in use, when its turn comes. */
const asClass = (reason: string): string =>
  reason === 'conversation_loaded_elsewhere' ? 'rollout_io' : reason;

/** Waits until no turn runs; one that asks is broken off. */
export async function settle(conversation: RealConversation): Promise<void> {
  const { world, file } = conversation;
  release(conversation);
  for (;;) {
    const ended = world.turns.count(file.id, 'ended');
    const { hasTurn, pendingApprovals } = await look(conversation);
    if (!hasTurn) return;
    if (pendingApprovals > 0)
      await world.callers[0].call('interruptConversation', { conversationId: file.id });
    else await world.turns.beyond(file.id, 'ended', ended);
  }
}

/** Prepares a turn that the racers then find running. */
export async function begin(
  conversation: RealConversation,
  model: ConversationModel,
  act: Act,
): Promise<ConversationModel> {
  const { world, file } = conversation;
  const { next } = step(model, act);
  if (next.turn === 'none') return model;
  const moment = next.turn === 'held' ? 'held' : 'asked';
  const reached = world.turns.count(file.id, moment);
  await carryOut(conversation, act, model);
  await world.turns.beyond(file.id, moment, reached);
  if (moment === 'asked') await noteApproval(conversation);
  return next;
}

function endingOf(before: ConversationModel, acts: readonly Act[], order: readonly Act[]): Ending {
  const reasons = new Map<Act, string>();
  let model = before;
  for (const act of order) {
    const { expected, next } = step(model, act);
    reasons.set(act, expected);
    model = next;
  }
  const mayDrop = before.turn === 'asking' || acts.some(mayBreakOff);
  return { reasons: acts.map((act) => reasons.get(act) ?? ''), model: atRest(model, mayDrop ? acts : []) };
}

/** Whether a turn may be broken off by it, and with the turn the input that waits for it. */
const mayBreakOff = ({ operation }: Act): boolean =>
  ['interrupt', 'archive', 'unarchive', 'answer'].includes(operation.kind);

/** @param doubtful acts of which the outcome does not tell whether their input was dropped */
function atRest(model: ConversationModel, doubtful: readonly Act[]): ConversationModel {
  const said = doubtful.filter(({ operation }) => operation.kind === 'say').map(({ text }) => text);
  return { ...model, turn: 'none', waiting: [], dropped: [...model.dropped, ...said] };
}

function orders<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((first, at) => orders(items.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}

function inexplicable(
  acts: readonly Act[],
  reasons: readonly string[],
  sight: Sight,
  endings: readonly Ending[],
): string {
  const outcomes = acts.map(
    ({ operation, caller }, at) => `${describeOperation(operation)} by ${caller}: ${reasons[at]}`,
  );
  const allowed = new Set(endings.map((ending) => ending.reasons.join(', ')));
  return [
    'no order of the acts explains what came of them',
    ...outcomes,
    `seen: ${JSON.stringify(sight)}`,
    `allowed: ${[...allowed].join(' | ')}`,
  ].join('\n');
}
