import { z } from 'zod';

export const TokenUsage = z
  .object({
    input_tokens: z.int(),
    cached_input_tokens: z.int(),
    output_tokens: z.int(),
    reasoning_output_tokens: z.int(),
    total_tokens: z.int(),
  })
  .meta({ id: 'TokenUsage' });
export type TokenUsage = z.infer<typeof TokenUsage>;

export const TokenUsageInfo = z.object({
  total_token_usage: TokenUsage,
  last_token_usage: TokenUsage,
  model_context_window: z.int().nullable(),
});
export type TokenUsageInfo = z.infer<typeof TokenUsageInfo>;

/** Seconds and nanoseconds; an object on the wire although the reference's generated types call it a string. */
export const Duration = z.object({ secs: z.int(), nanos: z.int() }).meta({ id: 'Duration' });
export type Duration = z.infer<typeof Duration>;

/** A reading of a command for display only; it never decides whether the command may run. */
export const ParsedCommand = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('read'), cmd: z.string(), name: z.string() }),
    z.object({ type: z.literal('list_files'), cmd: z.string(), path: z.string().nullish() }),
    z.object({
      type: z.literal('search'),
      cmd: z.string(),
      query: z.string().nullish(),
      path: z.string().nullish(),
    }),
    z.object({ type: z.literal('unknown'), cmd: z.string() }),
  ])
  .meta({ id: 'ParsedCommand' });
export type ParsedCommand = z.infer<typeof ParsedCommand>;

/** Exactly one of the members is present. */
export const FileChange = z
  .union([
    z.object({ add: z.object({ content: z.string() }) }),
    z.object({ delete: z.object({ content: z.string() }) }),
    z.object({ update: z.object({ unified_diff: z.string(), move_path: z.string().nullable() }) }),
  ])
  .meta({ id: 'FileChange' });
export type FileChange = z.infer<typeof FileChange>;

export const FileChanges = z.record(z.string(), FileChange);
export type FileChanges = z.infer<typeof FileChanges>;

export const PlanItem = z.object({
  step: z.string(),
  status: z.enum(['pending', 'in_progress', 'completed']),
});
export type PlanItem = z.infer<typeof PlanItem>;

/** Findings of a review, as the model was asked for them. */
export const ReviewOutput = z
  .object({
    findings: z.array(
      z.object({
        title: z.string(),
        body: z.string(),
        confidence_score: z.number(),
        priority: z.int(),
        code_location: z.object({
          absolute_file_path: z.string(),
          line_range: z.object({ start: z.int().nonnegative(), end: z.int().nonnegative() }),
        }),
      }),
    ),
    overall_correctness: z.string(),
    overall_explanation: z.string(),
    overall_confidence_score: z.number(),
  })
  .meta({ id: 'ReviewOutput' });
export type ReviewOutput = z.infer<typeof ReviewOutput>;
