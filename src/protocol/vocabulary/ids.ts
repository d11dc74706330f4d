import { z } from 'zod';

/** Random UUID of a conversation; also the tail of its rollout file's name. Upper case is accepted and means the same. */
export const ConversationId = z.guid().meta({ id: 'ConversationId', description: 'UUID of a conversation.' });
export type ConversationId = z.infer<typeof ConversationId>;

export const SubscriptionId = z.guid().meta({ id: 'SubscriptionId', description: 'UUID of a listener.' });
export type SubscriptionId = z.infer<typeof SubscriptionId>;

/** `<epoch>-<sequence>`; opaque to clients, ordered within one loading of a conversation. */
export const EventId = z
  .string()
  .regex(/^[A-Za-z0-9]{1,32}-[0-9]{1,15}$/)
  .meta({ id: 'EventId', description: 'Opaque id of an event, ordered within its conversation.' });
export type EventId = z.infer<typeof EventId>;
