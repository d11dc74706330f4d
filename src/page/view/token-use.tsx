import type { TokenUsageInfo } from '../../protocol/vocabulary/event-parts.ts';
import { shortCount } from '../text/numbers.ts';

/** The tokens of the conversation, and how full the model's window was at the last request. */
export function TokenUse({ usage }: { usage: TokenUsageInfo | undefined }) {
  if (!usage) return null;
  const { total_token_usage: total, last_token_usage: last, model_context_window: size } = usage;
  const details = [
    `input ${total.input_tokens}, of these cached ${total.cached_input_tokens}`,
    `output ${total.output_tokens}, of these reasoning ${total.reasoning_output_tokens}`,
    size === null ? '' : `last request ${last.total_tokens} of ${size}`,
  ].filter(Boolean);
  return (
    <span class="token-use" title={details.join('\n')}>
      {shortCount(total.total_tokens)} tokens
      {size !== null && size > 0 && (
        <span class="share"> · {Math.round((100 * last.total_tokens) / size)} %</span>
      )}
    </span>
  );
}
