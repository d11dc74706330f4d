import { z } from 'zod';
import type { TokenUsage } from '../../protocol/vocabulary/event-parts.ts';

/** Token counts as the Responses API reports them. */
const ReportedUsage = z.object({
  input_tokens: z.int(),
  input_tokens_details: z.object({ cached_tokens: z.int() }).nullish(),
  output_tokens: z.int(),
  output_tokens_details: z.object({ reasoning_tokens: z.int() }).nullish(),
  total_tokens: z.int(),
});

/** `null` when the model reported nothing, `undefined` when the report does not fit. */
export function readUsage(reported: unknown): TokenUsage | null | undefined {
  if (reported === undefined || reported === null) return null;
  const { data } = ReportedUsage.safeParse(reported);
  return (
    data && {
      input_tokens: data.input_tokens,
      cached_input_tokens: data.input_tokens_details?.cached_tokens ?? 0,
      output_tokens: data.output_tokens,
      reasoning_output_tokens: data.output_tokens_details?.reasoning_tokens ?? 0,
      total_tokens: data.total_tokens,
    }
  );
}
