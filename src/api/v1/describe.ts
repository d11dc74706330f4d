import { dirname } from 'node:path';
import type { Conversation } from '../../core/conversations/conversation.ts';
import { ConversationError } from '../../core/conversations/errors.ts';
import { findRollout } from '../../core/rollout/catalog.ts';
import { RolloutError } from '../../core/rollout/errors.ts';
import { type RolloutHead, readHead } from '../../core/rollout/head.ts';
import { isShown, type MessageTexts } from '../../core/rollout/message-texts.ts';
import { archiveDirectory } from '../../core/rollout/path.ts';
import { readRollout } from '../../core/rollout/reader.ts';
import type { StoredConversation } from '../../core/rollout/types.ts';
import { type TurnEvent, transcriptOf, withSaid } from '../../core/transcript/transcript.ts';
import { RpcError } from '../../protocol/errors.ts';
import type { Result } from '../../protocol/registry.ts';
import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import type { EventLog } from '../../rpc/event-log.ts';
import { type LongResult, longResult } from '../../rpc/long-result.ts';
import type { Services } from '../services.ts';
import { storedSnapshotId } from '../snapshot-id.ts';
import { pendingApprovals } from './approvals.ts';

type Whole = Result<'getConversation'>;
type Description = Omit<Whole, 'messages'>;

/**
 * A loaded conversation from memory, a stored one from its file. Throws `notFound` when there is neither. One that was
 * unloaded is loaded again; when that cannot be, because another program writes it now, its file says what there is.
 */
export async function describeConversation(
  id: string,
  services: Services,
  detailed: boolean,
): Promise<LongResult | Whole> {
  const { conversations, codexHome } = services;
  if (!conversations.knows(id)) return describeStored(id, codexHome, detailed);
  try {
    return await conversations.use(id, (conversation) => describeLoaded(conversation, services, detailed));
  } catch (error) {
    if (error instanceof RolloutError || error instanceof ConversationError) {
      return describeStored(id, codexHome, detailed);
    }
    throw error;
  }
}

const description = (value: Description, messages: Pick<MessageTexts, 'texts'>): LongResult =>
  longResult('getConversation', value, { name: 'messages', texts: messages.texts('shown') });

async function describeLoaded(
  conversation: Conversation,
  { hub, approvals, codexHome }: Services,
  detailed: boolean,
): Promise<LongResult | Whole> {
  // Without its file the conversation is still there, and lacks no more than its title and what was called.
  const [head, stored] = await Promise.all([
    readHead(conversation.rolloutPath).catch(() => undefined),
    detailed ? readRollout(conversation.rolloutPath, { keepEvents: true }).catch(() => undefined) : undefined,
  ]);
  // From here on one synchronous step, so that the messages reach exactly up to `lastEventId`.
  const { id, turn, config } = conversation;
  const log = hub.log(id);
  const events = detailed && turn ? eventsOfTurn(turn, conversation, log) : undefined;
  const value: Description = {
    conversationId: id,
    path: conversation.rolloutPath,
    ...(head && shown(head)),
    model: config.model,
    cwd: config.cwd,
    loaded: true,
    archived: dirname(conversation.rolloutPath) === archiveDirectory(codexHome),
    turn: turn ? { id: turn.id, startedAt: turn.startedAt.toISOString(), ...(events && { events }) } : null,
    pendingApprovals: pendingApprovals(approvals, id),
    listeners: log?.listening ?? 0,
    damagedLines: [...(conversation.loadedFrom?.damagedLines ?? [])],
    readOnly: false,
    ...(log && { lastEventId: log.lastEventId }),
  };
  if (!stored) return description(value, conversation.storedMessages);
  return { ...value, messages: messagesOf(conversation, stored, events && turn?.storedBefore) };
}

/** The file may have been read before the latest messages; memory has those. */
function messagesOf(
  { config: { cwd }, storedMessages }: Conversation,
  stored: StoredConversation,
  upTo: number | undefined,
): EventMsg[] {
  const inMemory = storedMessages.parse('all').slice(0, upTo);
  // What was left out of a long file on reading cannot be told from what memory lacks.
  if (stored.droppedMessages > 0) return inMemory.filter(isShown);
  const later = inMemory.slice(stored.messages.count).filter(isShown);
  return [...transcriptOf(stored.lines.entries(), { messages: upTo, cwd }), ...later];
}

function eventsOfTurn(
  { id, storedBefore }: { id: string; storedBefore: number },
  { storedMessages }: Conversation,
  log: EventLog | undefined,
): TurnEvent[] | undefined {
  const events = log?.turnEvents?.map(({ params, eventId }) => ({
    ...(params as { id: string; msg: EventMsg }),
    eventId,
  }));
  // Before its first event, the log still has those of the turn before.
  if (events?.[0]?.id !== id) return undefined;
  return withSaid(
    events.map(({ eventId = '', msg }) => ({ eventId, msg })),
    storedMessages.parse('all').slice(storedBefore),
  );
}

async function describeStored(id: string, codexHome: string, detailed: boolean): Promise<LongResult | Whole> {
  const found = await findRollout(codexHome, id);
  if (!found) {
    throw new RpcError('notFound', `conversation not found: ${id}`, { reason: 'conversation_not_found' });
  }
  const [head, stored] = await Promise.all([
    readHead(found.path),
    readRollout(found.path, { keepEvents: detailed }),
  ]);
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
  if (!detailed) return description(value, stored.messages);
  return { ...value, messages: transcriptOf(stored.lines.entries(), stored.meta) };
}

function shown(head: RolloutHead): Pick<Description, 'preview' | 'timestamp'> {
  const timestamp = head.meta?.timestamp;
  return { ...(head.preview !== undefined && { preview: head.preview }), ...(timestamp && { timestamp }) };
}
