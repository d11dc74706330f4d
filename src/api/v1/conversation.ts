import type { Conversation } from '../../core/conversations/conversation.ts';
import { listRollouts } from '../../core/rollout/catalog.ts';
import { RpcError } from '../../protocol/errors.ts';
import type { Handlers } from '../../rpc/dispatcher.ts';
import { translating } from '../errors.ts';
import type { Services } from '../services.ts';
import { archive } from './archive.ts';
import { describeConversation } from './describe.ts';

const DEFAULT_PAGE_SIZE = 25;

type Names =
  | 'newConversation'
  | 'listConversations'
  | 'getConversation'
  | 'archiveConversation'
  | 'sendUserMessage'
  | 'interruptConversation'
  | 'addConversationListener'
  | 'removeConversationListener';

export function conversationHandlers(services: Services): Pick<Handlers, Names> {
  const { conversations, hub, codexHome } = services;
  const loaded = (id: string): Promise<Conversation> => translating(() => conversations.get(id));

  return {
    newConversation: (params) =>
      translating(async () => {
        const config = await services.resolveConfig(params);
        const conversation = await conversations.create(config);
        const effort = config.modelReasoningEffort;
        return {
          conversationId: conversation.id,
          model: config.model,
          ...(effort && { reasoningEffort: effort }),
          rolloutPath: conversation.rolloutPath,
        };
      }),

    async listConversations({ pageSize, cursor, archived }) {
      const { items, nextCursor } = await listRollouts({
        codexHome,
        pageSize: pageSize ?? DEFAULT_PAGE_SIZE,
        cursor: cursor ?? undefined,
        archived: archived ?? false,
      });
      return { items: [...items], ...(nextCursor !== undefined && { nextCursor }) };
    },

    getConversation: ({ conversationId }) => describeConversation(conversationId.toLowerCase(), services),

    archiveConversation: ({ conversationId, rolloutPath }) =>
      archive(conversations, conversationId, rolloutPath),

    async sendUserMessage({ conversationId, items }) {
      const conversation = await loaded(conversationId);
      if (items.length === 0) {
        const message = 'must hold at least one item';
        throw new RpcError('invalidParams', `invalid params: items: ${message}`, {
          fields: [{ path: 'items', message }],
        });
      }
      await translating(() => {
        conversations.assertNotDraining();
        return conversation.submit(items);
      });
      return {};
    },

    async interruptConversation({ conversationId }) {
      const conversation = await loaded(conversationId);
      await conversation.interrupt();
      return { abortReason: 'interrupted' };
    },

    async addConversationListener({ conversationId, afterEventId }, { client }) {
      const { id } = await loaded(conversationId);
      const start = afterEventId ? { after: afterEventId } : 'unheard';
      return { subscriptionId: hub.subscribe(client, id, start) };
    },

    removeConversationListener({ subscriptionId }) {
      hub.unsubscribe(subscriptionId.toLowerCase());
      return {};
    },
  };
}
