import { dirname } from 'node:path';
import type { Conversation } from '../../core/conversations/conversation.ts';
import { findRollout } from '../../core/rollout/catalog.ts';
import { type RolloutHead, readHead } from '../../core/rollout/head.ts';
import { archiveDirectory } from '../../core/rollout/path.ts';
import { initialMessages, readRollout, shownMessages } from '../../core/rollout/reader.ts';
import { RpcError } from '../../protocol/errors.ts';
import type { Result } from '../../protocol/registry.ts';
import type { Services } from '../services.ts';
import { storedSnapshotId } from '../snapshot-id.ts';
import { pendingApprovals } from './approvals.ts';

type Description = Result<'getConversation'>;

/** A loaded conversation from memory, a stored one from its file. Throws `notFound` when there is neither. */
export async function describeConversation(id: string, services: Services): Promise<Description> {
  const conversation = services.conversations.loaded.get(id);
  return conversation ? describeLoaded(conversation, services) : describeStored(id, services.codexHome);
}

async function describeLoaded(
  conversation: Conversation,
  { hub, approvals, codexHome }: Services,
): Promise<Description> {
  // Without its file the conversation is still there, and lacks no more than its title.
  const head = await readHead(conversation.rolloutPath).catch(() => undefined);
  // From here on one synchronous step, so that the messages reach exactly up to `lastEventId`.
  const { id, turn, config } = conversation;
  const log = hub.log(id);
  return {
    conversationId: id,
    path: conversation.rolloutPath,
    ...(head && shown(head)),
    model: config.model,
    cwd: config.cwd,
    loaded: true,
    archived: dirname(conversation.rolloutPath) === archiveDirectory(codexHome),
    turn: turn ? { id: turn.id, startedAt: turn.startedAt.toISOString() } : null,
    pendingApprovals: pendingApprovals(approvals, id),
    listeners: log?.listening ?? 0,
    messages: shownMessages(conversation.storedMessages),
    damagedLines: [...(conversation.loadedFrom?.damagedLines ?? [])],
    readOnly: false,
    ...(log && { lastEventId: log.lastEventId }),
  };
}

async function describeStored(id: string, codexHome: string): Promise<Description> {
  const found = await findRollout(codexHome, id);
  if (!found) {
    throw new RpcError('notFound', `conversation not found: ${id}`, { reason: 'conversation_not_found' });
  }
  const [head, stored] = await Promise.all([readHead(found.path), readRollout(found.path)]);
  return {
    conversationId: id,
    path: found.path,
    ...shown(head),
    cwd: stored.meta.cwd,
    loaded: false,
    archived: found.archived,
    turn: null,
    pendingApprovals: [],
    listeners: 0,
    messages: initialMessages(stored),
    damagedLines: [...stored.damagedLines],
    readOnly: stored.numbered,
    lastEventId: storedSnapshotId(stored.size),
  };
}

function shown(head: RolloutHead): Pick<Description, 'preview' | 'timestamp'> {
  const timestamp = head.meta?.timestamp;
  return { ...(head.preview !== undefined && { preview: head.preview }), ...(timestamp && { timestamp }) };
}
