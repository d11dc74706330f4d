import { dirname } from 'node:path';
import type { Conversation } from '../../core/conversations/conversation.ts';
import { findRollout } from '../../core/rollout/catalog.ts';
import { type RolloutHead, readHead } from '../../core/rollout/head.ts';
import type { MessageTexts } from '../../core/rollout/message-texts.ts';
import { archiveDirectory } from '../../core/rollout/path.ts';
import { readRollout } from '../../core/rollout/reader.ts';
import { RpcError } from '../../protocol/errors.ts';
import type { Result } from '../../protocol/registry.ts';
import { type LongResult, longResult } from '../../rpc/long-result.ts';
import type { Services } from '../services.ts';
import { storedSnapshotId } from '../snapshot-id.ts';
import { pendingApprovals } from './approvals.ts';

type Description = Omit<Result<'getConversation'>, 'messages'>;

/** A loaded conversation from memory, a stored one from its file. Throws `notFound` when there is neither. */
export async function describeConversation(id: string, services: Services): Promise<LongResult> {
  const conversation = services.conversations.loaded.get(id);
  return conversation ? describeLoaded(conversation, services) : describeStored(id, services.codexHome);
}

const description = (value: Description, messages: Pick<MessageTexts, 'texts'>): LongResult =>
  longResult('getConversation', value, { name: 'messages', texts: messages.texts('shown') });

async function describeLoaded(
  conversation: Conversation,
  { hub, approvals, codexHome }: Services,
): Promise<LongResult> {
  // Without its file the conversation is still there, and lacks no more than its title.
  const head = await readHead(conversation.rolloutPath).catch(() => undefined);
  // From here on one synchronous step, so that the messages reach exactly up to `lastEventId`.
  const { id, turn, config } = conversation;
  const log = hub.log(id);
  const value: Description = {
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
    damagedLines: [...(conversation.loadedFrom?.damagedLines ?? [])],
    readOnly: false,
    ...(log && { lastEventId: log.lastEventId }),
  };
  return description(value, conversation.storedMessages);
}

async function describeStored(id: string, codexHome: string): Promise<LongResult> {
  const found = await findRollout(codexHome, id);
  if (!found) {
    throw new RpcError('notFound', `conversation not found: ${id}`, { reason: 'conversation_not_found' });
  }
  const [head, stored] = await Promise.all([readHead(found.path), readRollout(found.path)]);
  const value: Description = {
    conversationId: id,
    path: found.path,
    ...shown(head),
    cwd: stored.meta.cwd,
    loaded: false,
    archived: found.archived,
    turn: null,
    pendingApprovals: [],
    listeners: 0,
    damagedLines: [...stored.damagedLines],
    readOnly: stored.numbered,
    lastEventId: storedSnapshotId(stored.size),
  };
  return description(value, stored.messages);
}

function shown(head: RolloutHead): Pick<Description, 'preview' | 'timestamp'> {
  const timestamp = head.meta?.timestamp;
  return { ...(head.preview !== undefined && { preview: head.preview }), ...(timestamp && { timestamp }) };
}
