import type { ConversationManager } from '../../core/conversations/manager.ts';
import { RolloutError, type RolloutFault } from '../../core/rollout/errors.ts';
import { RpcError } from '../../protocol/errors.ts';

/** What the caller got wrong, told apart from a move that failed. */
const REFUSALS: ReadonlySet<RolloutFault> = new Set(['outside_sessions', 'id_mismatch']);

export async function archive(
  conversations: ConversationManager,
  conversationId: string,
  rolloutPath: string,
): Promise<Record<string, never>> {
  try {
    await conversations.archive(conversationId, rolloutPath);
    return {};
  } catch (cause) {
    if (!(cause instanceof RolloutError)) throw cause;
    const { fault, message } = cause;
    if (REFUSALS.has(fault))
      throw new RpcError('invalidRequest', message, { reason: `path_${fault}`, cause });
    const kind = fault === 'exists' ? 'conflict' : 'internal';
    throw new RpcError(kind, `failed to archive conversation: ${message}`, {
      reason: fault === 'exists' ? 'already_archived' : 'archive_failed',
      cause,
    });
  }
}
