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
import { examples } from './examples.ts';

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
  keyed: true,
  example: {
    params: { cwd: examples.cwd, approvalPolicy: 'on-request', sandbox: 'workspace-write' },
    result: {
      conversationId: examples.conversationId,
      model: examples.model,
      rolloutPath: examples.rolloutPath,
    },
  },
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
    pageSize: z
      .int()
      .min(0)
      .nullish()
      .meta({ description: 'Files per page, 25 when left out; more than 200 count as 200.' }),
    cursor: z.string().nullish(),
    archived: z.boolean().nullish().meta({ description: 'List the archived ones instead.' }),
  }),
  result: z.object({ items: z.array(ConversationSummary), nextCursor: z.string().optional() }),
  rest: { verb: 'GET', path: '/v1/conversations', status: 200 },
  lane: { concurrent: 'reads files that are only ever appended to or moved whole' },
  example: {
    params: { pageSize: 50 },
    result: { items: [examples.summary], nextCursor: examples.cursor },
  },
});

/** The event messages of a conversation as its rollout has them; members of newer programs are kept. */
const StoredMessages = z.array(z.looseObject({ type: z.string() }));

export const getConversation = defineMethod('getConversation', {
  summary: 'One conversation: its state, its messages so far, and the event id they reach up to.',
  params: z.object({
    conversationId: ConversationId,
    detailed: z
      .boolean()
      .nullish()
      .meta({
        description:
          'Tell of commands, patches, plans and tools too, in `messages` as their events did, and of the running turn ' +
          'all that happened so far, in `turn.events`.',
      }),
  }),
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
      .object({
        id: z.string(),
        startedAt: z.string(),
        events: z
          .array(z.object({ eventId: EventId.optional(), msg: z.looseObject({ type: z.string() }) }))
          .optional()
          .meta({
            description:
              'With `detailed`: its events up to `lastEventId`, and without an id what users said meanwhile; `messages` ' +
              'then end where it began. Left out when they are no longer all held.',
          }),
      })
      .nullable()
      .meta({ description: 'The running turn, or null.' }),
    pendingApprovals: z.array(PendingApproval),
    listeners: z.int().meta({ description: 'How many listeners are attached.' }),
    messages: StoredMessages.meta({ description: 'The event messages stored so far, in order.' }),
    damagedLines: z.array(z.int()).meta({
      description: 'Numbers, from 1, of lines of the rollout that could not be read and are passed over.',
    }),
    readOnly: z.boolean().meta({
      description: 'Written by a newer Codex in a form that codexd can read but not continue.',
    }),
    lastEventId: EventId.optional().meta({
      description: 'Attach with this as `afterEventId` to get exactly what comes after `messages`.',
    }),
  }),
  rest: { verb: 'GET', path: '/v1/conversations/{conversationId}', status: 200 },
  lane: { conversation: 'conversationId' },
  example: {
    params: { conversationId: examples.conversationId },
    result: {
      ...examples.summary,
      model: examples.model,
      cwd: examples.cwd,
      loaded: true,
      archived: false,
      turn: null,
      pendingApprovals: [],
      listeners: 1,
      messages: examples.messages,
      damagedLines: [],
      readOnly: false,
      lastEventId: examples.eventId,
    },
  },
});

export const listLoadedConversations = defineMethod('listLoadedConversations', {
  summary:
    'The conversations that the daemon holds in memory: what runs, who listens, and where an answer is waited for.',
  params: z.object({}),
  result: z.object({
    items: z.array(
      z
        .object({
          conversationId: ConversationId,
          path: z.string(),
          turn: z
            .object({ id: z.string(), startedAt: z.string() })
            .nullable()
            .meta({ description: 'The running turn, or null.' }),
          pendingApprovals: z.int(),
          listeners: z.int(),
        })
        .meta({ id: 'LoadedConversation' }),
    ),
  }),
  rest: { verb: 'GET', path: '/v1/conversations/loaded', status: 200 },
  lane: { concurrent: 'reads what is in memory' },
  example: {
    params: {},
    result: {
      items: [
        {
          conversationId: examples.conversationId,
          path: examples.rolloutPath,
          turn: null,
          pendingApprovals: 0,
          listeners: 1,
        },
      ],
    },
  },
});

export const resumeConversation = defineMethod('resumeConversation', {
  summary: 'Go on with a stored conversation in its own file, or attach to it when it is loaded already.',
  params: z.object({
    path: z.string().meta({ description: 'Its rollout file, also an archived one.' }),
    overrides: NewConversationParams.nullish().meta({
      description:
        'Settings for the time after; without them those of the daemon hold, not the recorded ones.',
    }),
  }),
  result: z.object({
    conversationId: ConversationId,
    model: z.string(),
    initialMessages: StoredMessages.meta({ description: 'The event messages stored so far, in order.' }),
    lastEventId: EventId.optional().meta({
      description: 'Attach with this as `afterEventId` to get exactly what comes after `initialMessages`.',
    }),
  }),
  rest: { verb: 'POST', path: '/v1/conversations/resume', status: 200 },
  lane: { concurrent: 'the conversation is known only once its file is read; the core loads each once' },
  example: {
    params: { path: examples.rolloutPath },
    result: {
      conversationId: examples.conversationId,
      model: examples.model,
      initialMessages: examples.messages,
      lastEventId: examples.eventId,
    },
  },
});

export const archiveConversation = defineMethod('archiveConversation', {
  summary: 'Shut the conversation down, then move its rollout to `archived_sessions`.',
  params: z.object({ conversationId: ConversationId, rolloutPath: z.string() }),
  result: Empty,
  rest: { verb: 'POST', path: '/v1/conversations/{conversationId}/archive', status: 200 },
  lane: { conversation: 'conversationId' },
  keyed: true,
  example: {
    params: { conversationId: examples.conversationId, rolloutPath: examples.rolloutPath },
    result: {},
  },
});

export const unarchiveConversation = defineMethod('unarchiveConversation', {
  summary: 'Shut the conversation down if it is loaded, then move its rollout back to `sessions`.',
  params: z.object({
    conversationId: ConversationId,
    rolloutPath: z
      .string()
      .nullish()
      .meta({ description: 'Its archived file; found by the id when left out.' }),
  }),
  result: z.object({ rolloutPath: z.string().meta({ description: 'Where it is now.' }) }),
  rest: { verb: 'POST', path: '/v1/conversations/{conversationId}/unarchive', status: 200 },
  lane: { conversation: 'conversationId' },
  keyed: true,
  example: {
    params: { conversationId: examples.conversationId },
    result: { rolloutPath: examples.rolloutPath },
  },
});

export const sendUserMessage = defineMethod('sendUserMessage', {
  summary: 'Queue user input; the turn that it starts or joins is reported by events.',
  params: z.object({ conversationId: ConversationId, items: z.array(InputItem) }),
  result: Empty,
  rest: { verb: 'POST', path: '/v1/conversations/{conversationId}/messages', status: 202 },
  lane: { conversation: 'conversationId' },
  keyed: true,
  example: {
    params: { conversationId: examples.conversationId, items: examples.input },
    result: {},
  },
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
  keyed: true,
  example: {
    params: {
      conversationId: examples.conversationId,
      items: examples.input,
      cwd: examples.cwd,
      approvalPolicy: 'never',
      sandboxPolicy: { mode: 'read-only' },
      model: examples.model,
      effort: 'low',
      summary: 'auto',
    },
    result: {},
  },
});

export const interruptConversation = defineMethod('interruptConversation', {
  summary: 'Abort the running turn; answers when it is over.',
  params: z.object({ conversationId: ConversationId }),
  result: z.object({ abortReason: AbortReason }),
  rest: { verb: 'POST', path: '/v1/conversations/{conversationId}/interrupt', status: 200 },
  lane: { concurrent: 'must reach a turn whatever else waits; aborting twice is harmless' },
  example: {
    params: { conversationId: examples.conversationId },
    result: { abortReason: 'interrupted' },
  },
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
  example: {
    params: { conversationId: examples.conversationId },
    result: { subscriptionId: examples.subscriptionId },
  },
});

export const removeConversationListener = defineMethod('removeConversationListener', {
  summary: 'Detach a listener; nothing more is delivered to it.',
  params: z.object({ subscriptionId: SubscriptionId }),
  result: Empty,
  rest: { verb: 'DELETE', path: '/v1/listeners/{subscriptionId}', status: 200 },
  lane: { concurrent: 'removing is one synchronous step' },
  example: {
    params: { subscriptionId: examples.subscriptionId },
    result: {},
  },
});
