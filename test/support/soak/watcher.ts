import { setTimeout as delay } from 'node:timers/promises';
import { answerApproval, type Stage } from './actor.ts';
import { type Client, openClient, openEvents } from './client.ts';
import type { Random } from './random.ts';

/** Comes, listens to some conversations over WebSocket or SSE, and goes, politely or not, until told to stop. */
export async function runWatcher(random: Random, stage: Stage): Promise<void> {
  while (!stage.stopping.aborted) {
    await (random.chance(0.5) ? watchSocket(random, stage) : watchStream(random, stage));
  }
}

async function watchSocket(random: Random, stage: Stage): Promise<void> {
  const client: Client = await openClient(stage.address, (message) => {
    if (message.id !== undefined && random.chance(0.5)) void answerApproval(client, message, random, stage);
  });
  const subscriptions: unknown[] = [];
  for (const conversationId of stage.live) {
    if (random.chance(0.5)) continue;
    // The conversation may be archived by now, which is an error like any other.
    const { result } = await client.call('addConversationListener', { conversationId });
    if (result) subscriptions.push(result.subscriptionId);
  }
  await delay(random.below(1500));
  if (random.chance(0.3)) {
    for (const subscriptionId of subscriptions)
      await client.call('removeConversationListener', { subscriptionId });
  }
  await client.close(random.chance(0.5) ? 'hard' : undefined);
}

async function watchStream(random: Random, stage: Stage): Promise<void> {
  const [conversationId] = stage.live;
  if (conversationId === undefined) return delay(50);
  const hangUp = await openEvents(stage.address, conversationId);
  await delay(random.below(1500));
  hangUp();
}
