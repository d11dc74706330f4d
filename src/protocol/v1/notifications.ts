import { z } from 'zod';
import { defineNotification, type NotificationDef } from '../method.ts';
import { EventMsg, type EventOf, type EventType } from '../vocabulary/events.ts';
import { ConversationId, EventId } from '../vocabulary/ids.ts';
import { AuthMode, ReviewDecision } from '../vocabulary/policies.ts';

const Meta = z.object({ eventId: EventId }).optional();

/** `codex/event/<type>`: one notification per event of a conversation. */
export type EventNotification = {
  [T in EventType]: {
    method: `codex/event/${T}`;
    params: { id: string; msg: EventOf<T>; conversationId: string; _meta?: { eventId: string } | undefined };
  };
}[EventType];

const eventNotifications: NotificationDef[] = EventMsg.options.map((msg) =>
  defineNotification(`codex/event/${msg.shape.type.value}`, {
    summary: `Event \`${msg.shape.type.value}\` of a conversation.`,
    params: z.object({
      id: z.string().meta({ description: 'The turn that it belongs to.' }),
      msg,
      conversationId: ConversationId,
      _meta: Meta,
    }),
  }),
);

export const sessionConfigured = defineNotification('codex/event', {
  summary: 'A conversation was resumed; sent to the client that resumed it, before the answer.',
  params: z.object({ id: z.string(), msg: EventMsg }),
});

export const eventGap = defineNotification('codex/event/gap', {
  summary: 'Events were missed that are no longer held: read the conversation again.',
  params: z.object({ conversationId: ConversationId, lastEventId: EventId.optional() }),
});

export const approvalResolved = defineNotification('approvalResolved', {
  summary: 'An approval request was answered, perhaps by another client.',
  params: z.object({
    conversationId: ConversationId,
    approvalId: z.string(),
    callId: z.string(),
    decision: ReviewDecision,
  }),
});

export const authStatusChange = defineNotification('authStatusChange', {
  summary: 'The credentials changed; sent to every client.',
  params: z.object({
    authMethod: AuthMode.optional(),
    reason: z.literal('refresh_token_reused').optional().meta({
      description:
        'Nobody is signed in because the stored login is not accepted any more; `auth.json` stays.',
    }),
  }),
});

export const loginChatGptComplete = defineNotification('loginChatGptComplete', {
  summary: 'A ChatGPT login ended; sent to every client.',
  params: z.object({ loginId: z.string(), success: z.boolean(), error: z.string().optional() }),
});

const otherNotifications = [
  sessionConfigured,
  eventGap,
  approvalResolved,
  authStatusChange,
  loginChatGptComplete,
] as const;

export const v1Notifications: readonly NotificationDef[] = [...eventNotifications, ...otherNotifications];

type Other = (typeof otherNotifications)[number];
export type ServerNotification =
  | EventNotification
  | { [D in Other as D['method']]: { method: D['method']; params: z.infer<D['params']> } }[Other['method']];
