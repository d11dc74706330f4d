import type { ConversationManager } from '../core/conversations/manager.ts';
import type { Hub } from '../rpc/hub.ts';
import { createEventJson } from './event-json.ts';
import { storedSnapshotId } from './snapshot-id.ts';

/** Carries what happens in the conversations to whoever listens. Returns what stops it. */
export function fanOut(conversations: ConversationManager, hub: Hub): () => void {
  const json = createEventJson();
  return conversations.events.on((change) => {
    switch (change.type) {
      case 'loaded': {
        const { id, loadedFrom } = change.conversation;
        hub.open(id, loadedFrom && storedSnapshotId(loadedFrom.size));
        return;
      }
      case 'event': {
        const { conversationId, event } = change;
        const { id, msg } = event;
        const startsTurn = msg.type === 'task_started';
        const members = json.event({ id, msg, conversationId });
        hub.publish(conversationId, `codex/event/${msg.type}`, members, { startsTurn });
        return;
      }
      case 'deltas': {
        const { conversationId, deltas } = change;
        hub.publishAll(conversationId, `codex/event/${deltas.type}`, json.deltas(change));
        return;
      }
      case 'unloaded':
        hub.close(change.conversationId);
        return;
    }
  });
}
