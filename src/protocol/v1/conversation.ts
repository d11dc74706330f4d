import { z } from 'zod';
import { defineMethod, Empty } from '../method.ts';
import { ConversationId, EventId, SubscriptionId } from '../vocabulary/ids.ts';
import { InputItem } from '../vocabulary/items.ts';
import {
  AbortReason,
  ApprovalPolicy,
  ReasoningEffort,
  ReasoningSummary,
  SandboxMode,
  SandboxPolicy,
} from '../vocabulary/policies.ts';
import { PendingApproval } from './approvals.ts';

/** Settings of a new conversation; each beats the same setting of `config.toml` and of the profile. */
export const NewConversationParams = z.object({
  model: z.string().nullish(),
  profile: z.string().nullish(),
  cwd: z.string().nullish().meta({ description: "Relative paths start at the daemon's working directory." }),
  approvalPolicy: ApprovalPolicy.nullish(),
  sandbox: SandboxMode.nullish(),
  config: z
    .record(z.string(), z.unknown())
    .nullish()
    .meta({ description: 'Dotted keys of `config.toml`, for this conversation only.' }),
  baseInstructions: z.string().nullish(),
  includePlanTool: z.boolean().nullish(),
  includeApplyPatchTool: z.boolean().nullish(),
});
export type NewConversationParams = z.infer<typeof NewConversationParams>;

export const newConversation = defineMethod('newConversation', {
  summary: 'Start a conversation and open its rollout file.',
  params: NewConversationParams,
  result: z.object({
    conversationId: ConversationId,
    model: z.string(),
    reasoningEffort: ReasoningEffort.optional(),
    rolloutPath: z.string(),
  }),
  rest: {
    verb: 'POST',
    path: '/v1/conversations',
    status: 201,
    location: '/v1/conversations/{conversationId}',
  },
  lane: { concurrent: 'a conversation that nobody knows yet cannot collide with another call' },
});

export const ConversationSummary = z
  .object({
    conversationId: ConversationId,
    path: z.string(),
    preview: z.string().meta({ description: 'Text of the first user message.' }),
    timestamp: z.string().optional(),
  })
  .meta({ id: 'ConversationSummary' });
export type ConversationSummary = z.infer<typeof ConversationSummary>;

export const listConversations = defineMethod('listConversations', {
  summary: 'Stored conversations, newest first.',
  params: z.object({
    pageSize: z.int().min(0).nullish().meta({ description: 'Files per page, 25 when left out.' }),
    cursor: z.string().nullish(),
    archived: z.boolean().nullish().meta({ description: 'List the archived ones instead.' }),
  }),
  result: z.object({ items: z.array(ConversationSummary), nextCursor: z.string().optional() }),
  rest: { verb: 'GET', path: '/v1/conversations', status: 200 },
  lane: { concurrent: 'reads files that are only ever appended to or moved whole' },
});

export const getConversation = defineMethod('getConversation', {
  summary: 'One conversation: its state, its messages so far, and the event id they reach up to.',
  params: z.object({ conversationId: ConversationId }),
  result: z.object({
    conversationId: ConversationId,
    path: z.string(),
    preview: z.string().optional(),
    timestamp: z.string().optional(),
    model: z.string().optional(),
    cwd: z.string().optional(),
    loaded: z.boolean(),
    archived: z.boolean(),
    turn: z
      .object({ id: z.string(), startedAt: z.string() })
      .nullable()
      .meta({ description: 'The running turn, or null.' }),
    pendingApprovals: z.array(PendingApproval),
    listeners: z.int().meta({ description: 'How many listeners are attached.' }),
    messages: z
      .array(z.looseObject({ type: z.string() }))
      .meta({ description: 'The event messages stored so far, in order.' }),
    lastEventId: EventId.optional().meta({
      description: 'Attach with this as `afterEventId` to get exactly what comes after `messages`.',
    }),
  }),
  rest: { verb: 'GET', path: '/v1/conversations/{conversationId}', status: 200 },
  lane: { conversation: 'conversationId' },
});

export const archiveConversation = defineMethod('archiveConversation', {
  summary: 'Shut the conversation down, then move its rollout to `archived_sessions`.',
  params: z.object({ conversationId: ConversationId, rolloutPath: z.string() }),
  result: Empty,
  rest: { verb: 'POST', path: '/v1/conversations/{conversationId}/archive', status: 200 },
  lane: { conversation: 'conversationId' },
});

export const sendUserMessage = defineMethod('sendUserMessage', {
  summary: 'Queue user input; the turn that it starts or joins is reported by events.',
  params: z.object({ conversationId: ConversationId, items: z.array(InputItem) }),
  result: Empty,
  rest: { verb: 'POST', path: '/v1/conversations/{conversationId}/messages', status: 202 },
  lane: { conversation: 'conversationId' },
});

export const sendUserTurn = defineMethod('sendUserTurn', {
  summary: 'Queue user input with settings for the one turn that it starts.',
  params: z.object({
    conversationId: ConversationId,
    items: z.array(InputItem),
    cwd: z.string(),
    approvalPolicy: ApprovalPolicy,
    sandboxPolicy: SandboxPolicy,
    model: z.string(),
    effort: ReasoningEffort.nullish(),
    summary: ReasoningSummary,
  }),
  result: Empty,
  rest: { verb: 'POST', path: '/v1/conversations/{conversationId}/turns', status: 202 },
  lane: { conversation: 'conversationId' },
});

export const interruptConversation = defineMethod('interruptConversation', {
  summary: 'Abort the running turn; answers when it is over.',
  params: z.object({ conversationId: ConversationId }),
  result: z.object({ abortReason: AbortReason }),
  rest: { verb: 'POST', path: '/v1/conversations/{conversationId}/interrupt', status: 200 },
  lane: { concurrent: 'must reach a turn whatever else waits; aborting twice is harmless' },
});

export const addConversationListener = defineMethod('addConversationListener', {
  summary: 'Attach to the events of a conversation.',
  params: z.object({
    conversationId: ConversationId,
    afterEventId: EventId.nullish().meta({
      description: 'Start with the events after this one; without it, with those that nobody has heard yet.',
    }),
  }),
  result: z.object({ subscriptionId: SubscriptionId }),
  rest: {
    verb: 'POST',
    path: '/v1/conversations/{conversationId}/listeners',
    status: 201,
    location: '/v1/listeners/{subscriptionId}/events',
  },
  lane: { conversation: 'conversationId' },
});

export const removeConversationListener = defineMethod('removeConversationListener', {
  summary: 'Detach a listener; nothing more is delivered to it.',
  params: z.object({ subscriptionId: SubscriptionId }),
  result: Empty,
  rest: { verb: 'DELETE', path: '/v1/listeners/{subscriptionId}', status: 200 },
  lane: { concurrent: 'removing is one synchronous step' },
});
