import path from 'node:path';
import type { Conversation } from '../../core/conversations/conversation.ts';
import { readHistoryLog } from '../../core/history-log.ts';
import { shownMessages } from '../../core/rollout/reader.ts';
import type { Params, Result } from '../../protocol/registry.ts';
import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import { AnswerFrame } from '../../rpc/answer-frame.ts';
import type { Client } from '../../rpc/client.ts';
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
): Promise<Result<'resumeConversation'>> {
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
  const stored = [...conversation.storedMessages];
  client.deliver(
    new AnswerFrame('codex/event', {
      id: '',
      msg: sessionConfigured(conversation, stored, historyLog),
    }),
  );
  return {
    conversationId: conversation.id,
    model: conversation.config.model,
    initialMessages: shownMessages(stored),
    ...(log && client.extensions && { lastEventId: isFresh ? log.startEventId : log.lastEventId }),
  };
}

const RESUMING = 'error resuming conversation';

function sessionConfigured(
  { id, config, rolloutPath }: Conversation,
  messages: EventMsg[],
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
    initial_messages: messages,
    rollout_path: rolloutPath,
  };
}
