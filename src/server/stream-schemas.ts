import { z } from 'zod';
import { ConversationId, SubscriptionId } from '../protocol/vocabulary/ids.ts';
import { ERROR_RESPONSES } from './docs.ts';

const COMMON = {
  tags: ['events'],
  response: {
    200: {
      description: 'Events: `id` the event id, `event` the method of the notification, `data` its params.',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    ...ERROR_RESPONSES,
  },
};

const POSITION = {
  headers: z.object({ 'last-event-id': z.string().optional() }),
  querystring: z.object({
    afterEventId: z.string().optional().meta({
      description: 'For clients that cannot send `Last-Event-ID`.',
    }),
  }),
};

/** What the documents say about the event streams, and what their requests may carry. */
export const streamSchemas = {
  everything: {
    ...COMMON,
    operationId: 'streamEvents',
    summary: 'Stream every event of every conversation, from now on.',
  },
  conversation: {
    ...COMMON,
    ...POSITION,
    operationId: 'streamConversationEvents',
    summary: 'Stream the events of a loaded conversation.',
    description: 'Without a position: the events that nobody has heard yet, then the live ones.',
    params: z.object({ conversationId: ConversationId }),
  },
  listener: {
    ...COMMON,
    ...POSITION,
    operationId: 'streamListenerEvents',
    summary: 'Stream the events of a listener that was made by REST.',
    description: 'Without a position: on from where the last reading stopped.',
    params: z.object({ subscriptionId: SubscriptionId }),
  },
};
