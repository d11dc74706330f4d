import type { TokenUsage, TokenUsageInfo } from '../../protocol/vocabulary/event-parts.ts';

/** Adds up what the responses of a conversation cost. */
export class TokenCounter {
  #total: TokenUsage | undefined;
  #last: TokenUsage | undefined;
  #window: number | undefined;

  /** The window that the first response was given in stays for the whole conversation, as in the reference. */
  add(usage: TokenUsage, contextWindow: number | undefined): void {
    if (!this.#total) this.#window = contextWindow;
    this.#total = this.#total ? sum(this.#total, usage) : usage;
    this.#last = usage;
  }

  /** All tokens of the latest response; 0 before the first. */
  get lastTotal(): number {
    return this.#last?.total_tokens ?? 0;
  }

  /** `null` until a response has reported its usage. */
  info(): TokenUsageInfo | null {
    if (!this.#total || !this.#last) return null;
    return {
      total_token_usage: this.#total,
      last_token_usage: this.#last,
      model_context_window: this.#window ?? null,
    };
  }
}

const sum = (a: TokenUsage, b: TokenUsage): TokenUsage => ({
  input_tokens: a.input_tokens + b.input_tokens,
  cached_input_tokens: a.cached_input_tokens + b.cached_input_tokens,
  output_tokens: a.output_tokens + b.output_tokens,
  reasoning_output_tokens: a.reasoning_output_tokens + b.reasoning_output_tokens,
  total_tokens: a.total_tokens + b.total_tokens,
});
