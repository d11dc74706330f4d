import type { Result } from '../../protocol/registry.ts';
import type { Services } from '../services.ts';
import { pendingApprovals } from './approvals.ts';

export function describeLoadedOnes({
  conversations,
  hub,
  approvals,
}: Services): Result<'listLoadedConversations'>['items'] {
  return [...conversations.loaded.values()].map(({ id, rolloutPath, turn }) => ({
    conversationId: id,
    path: rolloutPath,
    turn: turn ? { id: turn.id, startedAt: turn.startedAt.toISOString() } : null,
    pendingApprovals: pendingApprovals(approvals, id).length,
    listeners: hub.log(id)?.listening ?? 0,
  }));
}
