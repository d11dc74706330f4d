import type { ConversationManager } from '../../core/conversations/manager.ts';
import { translating } from '../errors.ts';

export async function archive(
  conversations: ConversationManager,
  conversationId: string,
  rolloutPath: string,
): Promise<Record<string, never>> {
  await translating(
    () => conversations.archive(conversationId, rolloutPath),
    'failed to archive conversation',
  );
  return {};
}

export async function unarchive(
  conversations: ConversationManager,
  conversationId: string,
  rolloutPath: string | undefined,
): Promise<{ rolloutPath: string }> {
  const moved = await translating(
    () => conversations.unarchive(conversationId, rolloutPath),
    'failed to unarchive conversation',
  );
  return { rolloutPath: moved };
}
