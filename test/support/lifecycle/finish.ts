import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { RealConversation } from './conversation.ts';
import { type ConversationModel, step } from './model.ts';
import type { Operation } from './operation.ts';
import { expectHistory, expectOnePlace } from './postconditions.ts';
import { settle } from './races.ts';
import { perform } from './sequential.ts';

/** Brings the conversation to rest, looks at what it has become, and unloads it: nothing of it may be left. */
export async function finish(conversation: RealConversation, model: ConversationModel): Promise<void> {
  const { world, file, subscriptions } = conversation;
  await settle(conversation);
  const rested = atRest(model);
  expectHistory(conversation, rested);
  await expectOnePlace(conversation, rested);
  const move: Operation =
    model.place === 'sessions' ? { kind: 'archive', path: 'own' } : { kind: 'unarchive', by: 'id' };
  const moved = await perform(conversation, rested, { operation: move, caller: 0, text: randomUUID() });
  await expectOnePlace(conversation, moved);
  for (const subscriptionId of subscriptions.values()) {
    const { reason } = await world.callers[0].call('removeConversationListener', { subscriptionId });
    expect(reason, 'a listener after its conversation').toBe('subscription_not_found');
  }
  const { result } = await world.callers[0].call('listApprovals', { conversationId: file.id });
  expect(result?.items).toEqual([]);
}

/** As after the end of a held turn, or after breaking off one that asks. */
function atRest(model: ConversationModel): ConversationModel {
  const kind = model.turn === 'asking' ? 'interrupt' : 'release';
  return step(model, { operation: { kind }, caller: 0, text: '' }).next;
}
