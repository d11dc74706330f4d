import { z } from 'zod';
import {
  Duration,
  FileChanges,
  ParsedCommand,
  PlanItem,
  ReviewOutput,
  TokenUsageInfo,
} from './event-parts.ts';
import { AbortReason, ReasoningEffort } from './policies.ts';

const McpInvocation = z.object({
  server: z.string(),
  tool: z.string(),
  arguments: z.unknown(),
});

const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.object({ type: z.literal(type), ...shape });

/** Every `msg` of a `codex/event/<type>` notification (protocol-v1, section 6). */
export const EventMsg = z
  .discriminatedUnion('type', [
    event('task_started', { model_context_window: z.int().nullable() }),
    event('task_complete', { last_agent_message: z.string().nullable() }),
    event('turn_aborted', { reason: AbortReason }),
    event('error', { message: z.string() }),
    event('stream_error', { message: z.string() }),
    event('background_event', { message: z.string() }),
    event('agent_message_delta', { delta: z.string() }),
    event('agent_message', { message: z.string() }),
    event('agent_reasoning_section_break', {}),
    event('agent_reasoning_delta', { delta: z.string() }),
    event('agent_reasoning', { text: z.string() }),
    event('agent_reasoning_raw_content_delta', { delta: z.string() }),
    event('agent_reasoning_raw_content', { text: z.string() }),
    event('user_message', {
      message: z.string(),
      kind: z.enum(['plain', 'user_instructions', 'environment_context']).optional(),
      images: z.array(z.string()).optional(),
    }),
    event('token_count', { info: TokenUsageInfo.nullable() }),
    event('exec_command_begin', {
      call_id: z.string(),
      command: z.array(z.string()),
      cwd: z.string(),
      parsed_cmd: z.array(ParsedCommand),
    }),
    event('exec_command_output_delta', {
      call_id: z.string(),
      stream: z.enum(['stdout', 'stderr']),
      chunk: z.string().meta({ description: 'Base64 of at most 8,192 bytes.' }),
    }),
    event('exec_command_end', {
      call_id: z.string(),
      stdout: z.string(),
      stderr: z.string(),
      aggregated_output: z.string(),
      exit_code: z.int(),
      duration: Duration,
      formatted_output: z.string(),
    }),
    event('exec_approval_request', {
      call_id: z.string(),
      command: z.array(z.string()),
      cwd: z.string(),
      reason: z.string().optional(),
    }),
    event('apply_patch_approval_request', {
      call_id: z.string(),
      changes: FileChanges,
      reason: z.string().optional(),
      grant_root: z.string().optional(),
    }),
    event('patch_apply_begin', { call_id: z.string(), auto_approved: z.boolean(), changes: FileChanges }),
    event('patch_apply_end', {
      call_id: z.string(),
      stdout: z.string(),
      stderr: z.string(),
      success: z.boolean(),
    }),
    event('turn_diff', { unified_diff: z.string() }),
    event('plan_update', { explanation: z.string().nullable(), plan: z.array(PlanItem) }),
    event('mcp_tool_call_begin', { call_id: z.string(), invocation: McpInvocation }),
    event('mcp_tool_call_end', {
      call_id: z.string(),
      invocation: McpInvocation,
      duration: Duration,
      result: z.union([z.object({ Ok: z.unknown() }), z.object({ Err: z.string() })]),
    }),
    event('web_search_begin', { call_id: z.string() }),
    event('web_search_end', { call_id: z.string(), query: z.string() }),
    event('session_configured', {
      session_id: z.string(),
      model: z.string(),
      reasoning_effort: ReasoningEffort.optional(),
      history_log_id: z.int(),
      history_entry_count: z.int(),
      initial_messages: z.array(z.looseObject({ type: z.string() })).optional(),
      rollout_path: z.string(),
    }),
    event('conversation_path', { conversation_id: z.string(), path: z.string() }),
    event('mcp_list_tools_response', { tools: z.record(z.string(), z.unknown()) }),
    event('list_custom_prompts_response', { custom_prompts: z.array(z.unknown()) }),
    event('get_history_entry_response', {
      offset: z.int(),
      log_id: z.int(),
      entry: z.object({ conversation_id: z.string(), ts: z.int(), text: z.string() }).optional(),
    }),
    event('shutdown_complete', {}),
    event('entered_review_mode', { prompt: z.string(), user_facing_hint: z.string() }),
    event('exited_review_mode', { review_output: ReviewOutput.nullable() }),
  ])
  .meta({ id: 'EventMsg' });
export type EventMsg = z.infer<typeof EventMsg>;
export type EventType = EventMsg['type'];
export type EventOf<T extends EventType> = Extract<EventMsg, { type: T }>;
/** A piece of what the model says: its message has nothing else. */
export type TextDelta = Extract<EventMsg, { delta: string }>;

/** Pieces of one text that came together; each is an event. */
export interface TextDeltas {
  readonly type: TextDelta['type'];
  readonly texts: readonly string[];
}

/** An event of a conversation: what happened, and in which turn (the submission id that started it). */
export interface ConversationEvent {
  /** Submission id as a decimal string, `""` for start-up notices, `auto-compact-N` for automatic compaction. */
  readonly id: string;
  readonly msg: EventMsg;
}
