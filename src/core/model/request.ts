import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { ReasoningEffort, ReasoningSummary, Verbosity } from '../../protocol/vocabulary/policies.ts';
import { isAzure } from './endpoint.ts';
import { modelFamily } from './family.ts';
import { replayedInput } from './replay.ts';
import type { ModelSettings, Prompt, ToolSpec } from './types.ts';

/** Body of `POST /responses`: these members and no others (protocol-v1, section 9). */
export interface RequestBody {
  readonly model: string;
  readonly instructions: string;
  readonly input: readonly ResponseItem[];
  readonly tools: readonly ToolSpec[];
  readonly tool_choice: 'auto';
  readonly parallel_tool_calls: false;
  readonly reasoning: { readonly effort?: ReasoningEffort; readonly summary: ReasoningSummary } | null;
  readonly store: boolean;
  readonly stream: true;
  readonly include: readonly string[];
  readonly prompt_cache_key: string;
  readonly text?: { readonly verbosity: Verbosity };
}

export function requestBody(prompt: Prompt, settings: ModelSettings): RequestBody {
  const { supportsReasoningSummaries } = settings;
  return {
    model: settings.model,
    instructions: prompt.instructions,
    input: replayedInput(prompt.input),
    tools: prompt.tools,
    tool_choice: 'auto',
    parallel_tool_calls: false,
    reasoning: supportsReasoningSummaries ? reasoning(settings) : null,
    store: isAzure(settings.provider),
    stream: true,
    include: supportsReasoningSummaries ? ['reasoning.encrypted_content'] : [],
    prompt_cache_key: settings.conversationId,
    ...text(settings),
  };
}

function reasoning({ effort, summary }: ModelSettings): NonNullable<RequestBody['reasoning']> {
  return effort === undefined ? { summary } : { effort, summary };
}

function text({ model, verbosity }: ModelSettings): Pick<RequestBody, 'text'> {
  return verbosity !== undefined && modelFamily(model).verbosity ? { text: { verbosity } } : {};
}
