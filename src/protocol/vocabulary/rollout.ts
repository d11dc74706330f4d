import { z } from 'zod';
import { EventMsg } from './events.ts';
import { ConversationId } from './ids.ts';
import { ResponseItem } from './items.ts';
import { ApprovalPolicy, ReasoningEffort, ReasoningSummary, SandboxPolicy } from './policies.ts';

export const GitInfo = z.object({
  commit_hash: z.string().optional(),
  branch: z.string().optional(),
  repository_url: z.string().optional(),
});
export type GitInfo = z.infer<typeof GitInfo>;

export const SessionMeta = z.object({
  id: ConversationId,
  timestamp: z.string(),
  cwd: z.string(),
  originator: z.string(),
  cli_version: z.string(),
  instructions: z.string().nullable(),
  git: GitInfo.optional(),
});
export type SessionMeta = z.infer<typeof SessionMeta>;

export const TurnContext = z.object({
  cwd: z.string(),
  approval_policy: ApprovalPolicy,
  sandbox_policy: SandboxPolicy,
  model: z.string(),
  effort: ReasoningEffort.optional(),
  summary: ReasoningSummary,
});
export type TurnContext = z.infer<typeof TurnContext>;

export const CompactedItem = z.object({
  message: z.string().meta({ description: 'The summary.' }),
  replacement_history: z.array(ResponseItem).optional().meta({
    description: 'What the history is from here on; only later programs than 0.36 write it.',
  }),
});
export type CompactedItem = z.infer<typeof CompactedItem>;

const record = <T extends string, P extends z.ZodType>(type: T, payload: P) =>
  z.object({ type: z.literal(type), payload });

const records = [
  record('session_meta', SessionMeta),
  record('response_item', ResponseItem),
  record('event_msg', EventMsg),
  record('turn_context', TurnContext),
  record('compacted', CompactedItem),
] as const;
const [sessionMeta, responseItem, eventMsg, turnContext, compacted] = records;

/** What one line of a rollout file carries, without its timestamp (protocol-v1, section 15). */
export const RolloutItem = z.discriminatedUnion('type', records);
export type RolloutItem = z.infer<typeof RolloutItem>;

const written = { timestamp: z.string().meta({ description: 'UTC with milliseconds, ISO 8601.' }) };

/** A whole line; members that we do not know are left out. */
export const RolloutLine = z.discriminatedUnion('type', [
  sessionMeta.extend(written),
  responseItem.extend(written),
  eventMsg.extend(written),
  turnContext.extend(written),
  compacted.extend(written),
]);
export type RolloutLine = z.infer<typeof RolloutLine>;
