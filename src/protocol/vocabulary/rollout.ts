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

export const CompactedItem = z.object({ message: z.string() });
export type CompactedItem = z.infer<typeof CompactedItem>;

/** What one line of a rollout file carries, without its timestamp (protocol-v1, section 15). */
export const RolloutItem = z.discriminatedUnion('type', [
  z.object({ type: z.literal('session_meta'), payload: SessionMeta }),
  z.object({ type: z.literal('response_item'), payload: ResponseItem }),
  z.object({ type: z.literal('event_msg'), payload: EventMsg }),
  z.object({ type: z.literal('turn_context'), payload: TurnContext }),
  z.object({ type: z.literal('compacted'), payload: CompactedItem }),
]);
export type RolloutItem = z.infer<typeof RolloutItem>;

/** A whole line: UTC timestamp with milliseconds, then the item. */
export type RolloutLine = { timestamp: string } & RolloutItem;
