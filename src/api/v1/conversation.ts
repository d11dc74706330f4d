import path from 'node:path';
import type { Conversation } from '../../core/conversations/conversation.ts';
import type { TurnSettings } from '../../core/conversations/turn.ts';
import { listRollouts } from '../../core/rollout/catalog.ts';
import { RpcError } from '../../protocol/errors.ts';
import type { InputItem } from '../../protocol/vocabulary/items.ts';
import type { SandboxPolicy } from '../../protocol/vocabulary/policies.ts';
import type { Handlers } from '../../rpc/dispatcher.ts';
import { translating } from '../errors.ts';
import type { Services } from '../services.ts';
import { archive, unarchive } from './archive.ts';
import { describeConversation } from './describe.ts';
import { describeLoadedOnes } from './loaded.ts';
import { resume } from './resume.ts';

const DEFAULT_PAGE_SIZE = 25;
const MAX_PAGE_SIZE = 200;

type Names =
  | 'newConversation'
  | 'listConversations'
  | 'listLoadedConversations'
  | 'getConversation'
  | 'resumeConversation'
  | 'archiveConversation'
  | 'unarchiveConversation'
  | 'sendUserMessage'
  | 'sendUserTurn'
  | 'interruptConversation'
  | 'addConversationListener'
  | 'removeConversationListener';

export function conversationHandlers(services: Services): Pick<Handlers, Names> {
  const { conversations, hub, codexHome } = services;
  const using = <T>(id: string, work: (conversation: Conversation) => T | Promise<T>): Promise<T> =>
    translating(() => conversations.use(id, work));

  const send = (
    conversationId: string,
    items: readonly InputItem[],
    settings?: TurnSettings,
  ): Promise<Record<string, never>> =>
    using(conversationId, async (conversation) => {
      if (items.length === 0) throw emptyInput();
      conversations.assertNotDraining();
      await conversation.submit(items, settings);
      return {};
    });

  return {
    newConversation: (params, { client }) =>
      translating(async () => {
        const config = await services.resolveConfig(params);
        const conversation = await conversations.create(config, services.userAgent(client));
        const effort = config.modelReasoningEffort;
        return {
          conversationId: conversation.id,
          model: config.model,
          ...(effort && { reasoningEffort: effort }),
          rolloutPath: conversation.rolloutPath,
        };
      }, 'error creating conversation'),

    async listConversations({ pageSize, cursor, archived }) {
      const wanted = {
        codexHome,
        pageSize: Math.min(pageSize ?? DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE),
        cursor: cursor ?? undefined,
        archived: archived ?? false,
      };
      const { items, nextCursor } = await translating(
        () => listRollouts(wanted),
        'error listing conversations',
      );
      return { items: [...items], ...(nextCursor !== undefined && { nextCursor }) };
    },

    listLoadedConversations: () => ({ items: describeLoadedOnes(services) }),

    getConversation: ({ conversationId, detailed }) =>
      translating(
        () => describeConversation(conversationId.toLowerCase(), services, detailed ?? false),
        'error reading conversation',
      ),

    resumeConversation: (params, { client }) => resume(params, client, services),

    archiveConversation: ({ conversationId, rolloutPath }) =>
      archive(conversations, conversationId, rolloutPath),

    unarchiveConversation: ({ conversationId, rolloutPath }) =>
      unarchive(conversations, conversationId, rolloutPath ?? undefined),

    sendUserMessage: ({ conversationId, items }) => send(conversationId, items),

    sendUserTurn: ({ conversationId, items, cwd, effort, ...settings }) =>
      send(conversationId, items, {
        ...settings,
        sandboxPolicy: withDefaults(settings.sandboxPolicy),
        cwd: path.resolve(services.daemonConfig.cwd, cwd),
        effort: effort ?? undefined,
      }),

    interruptConversation: ({ conversationId }) =>
      using(conversationId, async (conversation) => {
        await conversation.interrupt();
        return { abortReason: 'interrupted' };
      }),

    addConversationListener: ({ conversationId, afterEventId }, { client }) =>
      using(conversationId, ({ id }) => {
        const start = afterEventId ? { after: afterEventId } : 'unheard';
        return { subscriptionId: hub.subscribe(client, id, start) };
      }),

    removeConversationListener({ subscriptionId }) {
      hub.unsubscribe(subscriptionId.toLowerCase());
      return {};
    },
  };
}

function emptyInput(): RpcError {
  const message = 'must hold at least one item';
  return new RpcError('invalidParams', `invalid params: items: ${message}`, {
    fields: [{ path: 'items', message }],
  });
}

/** What the client leaves out is off, and said so where the policy is stored. */
function withDefaults(policy: SandboxPolicy): SandboxPolicy {
  if (policy.mode !== 'workspace-write') return policy;
  const { writable_roots: roots = [], network_access, exclude_tmpdir_env_var, exclude_slash_tmp } = policy;
  return {
    mode: policy.mode,
    ...(roots.length > 0 && { writable_roots: roots }),
    network_access: network_access ?? false,
    exclude_tmpdir_env_var: exclude_tmpdir_env_var ?? false,
    exclude_slash_tmp: exclude_slash_tmp ?? false,
  };
}
