import type { Conversation } from '../../core/conversations/conversation.ts';
import { findRollout } from '../../core/rollout/catalog.ts';
import { readHead } from '../../core/rollout/head.ts';
import { initialMessages, readRollout } from '../../core/rollout/reader.ts';
import { RpcError } from '../../protocol/errors.ts';
import type { Result } from '../../protocol/registry.ts';
import type { Services } from '../services.ts';
import { pendingApprovals } from './approvals.ts';

type Description = Result<'getConversation'>;

/** A loaded conversation from memory, a stored one from its file. Throws `notFound` when there is neither. */
export async function describeConversation(id: string, services: Services): Promise<Description> {
  const conversation = services.conversations.loaded.get(id);
  return conversation ? describeLoaded(conversation, services) : describeStored(id, services.codexHome);
}

async function describeLoaded(
  conversation: Conversation,
  { hub, approvals }: Services,
): Promise<Description> {
  const head = await readHead(conversation.rolloutPath);
  // From here on one synchronous step, so that the messages reach exactly up to `lastEventId`.
  const { id, turn, config } = conversation;
  const log = hub.log(id);
  return {
    conversationId: id,
    path: conversation.rolloutPath,
    ...shown(head),
    model: config.model,
    cwd: config.cwd,
    loaded: true,
    archived: false,
    turn: turn ? { id: turn.id, startedAt: turn.startedAt.toISOString() } : null,
    pendingApprovals: pendingApprovals(approvals, id),
    listeners: log?.listening ?? 0,
    messages: [...conversation.messages],
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
  };
}

function shown(head: Awaited<ReturnType<typeof readHead>>): Pick<Description, 'preview' | 'timestamp'> {
  const timestamp = head.meta?.timestamp;
  return { ...(head.preview !== undefined && { preview: head.preview }), ...(timestamp && { timestamp }) };
}
