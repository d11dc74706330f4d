import path from 'node:path';
import type { Conversation } from '../../core/conversations/conversation.ts';
import { readHistoryLog } from '../../core/history-log.ts';
import type { Params } from '../../protocol/registry.ts';
import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import { AnswerFrame } from '../../rpc/answer-frame.ts';
import type { Client } from '../../rpc/client.ts';
import { type LongResult, longResult } from '../../rpc/long-result.ts';
import { translating } from '../errors.ts';
import type { Services } from '../services.ts';

/**
 * Loads a stored conversation or attaches to a loaded one. The client is sent `session_configured` before the answer,
 * as by the 0.36.0 release (protocol-v1, section 16).
 */
export async function resume(
  params: Params<'resumeConversation'>,
  client: Client,
  services: Services,
): Promise<LongResult> {
  const { conversations, hub, codexHome, daemonConfig } = services;
  const config = await translating(() => services.resolveConfig(params.overrides ?? {}));
  // The system knows no file without a name, and says so.
  const file = params.path && path.resolve(daemonConfig.cwd, params.path);
  const userAgent = services.userAgent(client);
  const [{ conversation, isFresh }, historyLog] = await Promise.all([
    translating(() => conversations.resume(file, config, userAgent), RESUMING),
    readHistoryLog(codexHome),
  ]);
  // From here on one synchronous step, so that the messages reach exactly up to `lastEventId`.
  const log = hub.log(conversation.id);
  const { storedMessages, id, config: own } = conversation;
  const all = { name: 'initial_messages', texts: storedMessages.texts('all') };
  const msg = sessionConfigured(conversation, historyLog);
  client.deliver(new AnswerFrame('codex/event', { id: '', msg }, all));
  const lastEventId = isFresh ? log?.startEventId : log?.lastEventId;
  return longResult(
    'resumeConversation',
    { conversationId: id, model: own.model, ...(client.extensions && lastEventId && { lastEventId }) },
    { name: 'initialMessages', texts: storedMessages.texts('shown') },
  );
}

const RESUMING = 'error resuming conversation';

function sessionConfigured(
  { id, config, rolloutPath }: Conversation,
  historyLog: { id: number; entries: number },
): EventMsg {
  const { model, modelReasoningEffort: effort } = config;
  return {
    type: 'session_configured',
    session_id: id,
    model,
    ...(effort && { reasoning_effort: effort }),
    history_log_id: historyLog.id,
    history_entry_count: historyLog.entries,
    initial_messages: [],
    rollout_path: rolloutPath,
  };
}
