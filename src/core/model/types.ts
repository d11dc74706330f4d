import type { TokenUsage } from '../../protocol/vocabulary/event-parts.ts';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { ReasoningEffort, ReasoningSummary, Verbosity } from '../../protocol/vocabulary/policies.ts';
import type { ModelProvider } from '../config/types.ts';

/** A tool as the model is told of it; sent as it is. */
export type ToolSpec = Readonly<Record<string, unknown>> & { readonly type: string };

/** What one step of a turn asks the model. */
export interface Prompt {
  readonly instructions: string;
  readonly input: readonly ResponseItem[];
  readonly tools: readonly ToolSpec[];
}

/** Settings of the model for one step. */
export interface ModelSettings {
  readonly provider: ModelProvider;
  readonly model: string;
  readonly effort: ReasoningEffort | undefined;
  readonly summary: ReasoningSummary;
  readonly verbosity: Verbosity | undefined;
  readonly supportsReasoningSummaries: boolean;
  readonly conversationId: string;
  /** Names the client that the conversation belongs to. */
  readonly userAgent: string;
}

/** What comes out of the model's stream, in stream order; anything else on the wire is skipped. */
export type ModelEvent =
  | { type: 'created' }
  | { type: 'text_delta'; delta: string }
  | { type: 'reasoning_section_break' }
  | { type: 'reasoning_summary_delta'; delta: string }
  | { type: 'reasoning_content_delta'; delta: string }
  | { type: 'web_search_begin'; callId: string }
  /** `webSearchCallId` only for web_search_call items, whose stored form has no id. */
  | {
      type: 'item_done';
      item: ResponseItem;
      webSearchCallId?: string;
      /** Only for local_shell_call items without a call_id: what its output answers to. */
      localShellCallId?: string;
    }
  | { type: 'completed'; usage: TokenUsage | null };

/** What a request is signed with at the moment it is sent. */
export interface Credential {
  readonly mode: 'apikey' | 'chatgpt';
  readonly token: string;
  readonly accountId?: string | undefined;
}

export interface ModelClient {
  /**
   * One attempt of one step, with the request-level retries of the provider. Ends after `completed`; throws
   * `ModelError`; an abort of the signal closes the connection at once and throws the signal's reason. Gives at a time what
   * arrived together: waiting for each of ten thousand pieces of text costs more than the pieces.
   */
  stream(prompt: Prompt, settings: ModelSettings, signal: AbortSignal): AsyncIterable<readonly ModelEvent[]>;
}

/** A failed step. `message` is what the client is told, in the reference's words (protocol-v1, section 10). */
export class ModelError extends Error {
  /** Whether the turn may repeat the step. */
  readonly retryable: boolean;
  /** Milliseconds that the provider asked to wait before the step is repeated. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { retryable: boolean; retryAfterMs?: number; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'ModelError';
    this.retryable = options.retryable;
    this.retryAfterMs = options.retryAfterMs;
  }
}
