import type { SseEvent } from './answers.ts';

/** An output item as the API sends it: with an id. */
export type OutputItem = { readonly type: string } & Readonly<Record<string, unknown>>;

export function created(id = 'resp_1'): SseEvent {
  return { type: 'response.created', response: { id } };
}

export function textDelta(delta: string): SseEvent {
  return { type: 'response.output_text.delta', delta };
}

/** The text word by word, each with the blank that follows it. */
export function textDeltas(text: string): SseEvent[] {
  return text
    .split(/(?<=\s)(?=\S)/)
    .filter((word) => word !== '')
    .map(textDelta);
}

export function reasoningSection(index = 0): SseEvent {
  return { type: 'response.reasoning_summary_part.added', summary_index: index };
}

export function reasoningSummaryDelta(delta: string): SseEvent {
  return { type: 'response.reasoning_summary_text.delta', delta };
}

export function reasoningTextDelta(delta: string): SseEvent {
  return { type: 'response.reasoning_text.delta', delta };
}

export function itemAdded(item: OutputItem): SseEvent {
  return { type: 'response.output_item.added', item };
}

export function itemDone(item: OutputItem): SseEvent {
  return { type: 'response.output_item.done', item };
}

export function message(text: string, id = 'msg_1'): OutputItem {
  return { type: 'message', id, role: 'assistant', content: [{ type: 'output_text', text }] };
}

/** `args` that are no string are written as JSON. */
export function functionCall(name: string, args: unknown, callId = 'call_1'): OutputItem {
  const text = typeof args === 'string' ? args : JSON.stringify(args);
  return { type: 'function_call', id: `fc_${callId}`, name, arguments: text, call_id: callId };
}

export function customToolCall(name: string, input: string, callId = 'call_1'): OutputItem {
  return { type: 'custom_tool_call', id: `ctc_${callId}`, call_id: callId, name, input, status: 'completed' };
}

export function localShellCall(command: readonly string[], callId = 'call_1'): OutputItem {
  const action = { type: 'exec', command, timeout_ms: null, working_directory: null, env: null, user: null };
  return { type: 'local_shell_call', id: `lsh_${callId}`, call_id: callId, status: 'completed', action };
}

export function webSearchCall(query: string, id = 'ws_1'): OutputItem {
  return { type: 'web_search_call', id, status: 'completed', action: { type: 'search', query } };
}

export function reasoning(summary: string, encryptedContent = 'ENC', id = 'rs_1'): OutputItem {
  return {
    type: 'reasoning',
    id,
    summary: [{ type: 'summary_text', text: summary }],
    encrypted_content: encryptedContent,
  };
}

/** Token counts as the API reports them. */
export interface Usage {
  readonly input: number;
  readonly output: number;
  readonly cached?: number;
  readonly reasoning?: number;
}

export function completed(usage: Usage = { input: 10, output: 5 }, id = 'resp_1'): SseEvent {
  return {
    type: 'response.completed',
    response: {
      id,
      usage: {
        input_tokens: usage.input,
        input_tokens_details: { cached_tokens: usage.cached ?? 0 },
        output_tokens: usage.output,
        output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
        total_tokens: usage.input + usage.output,
      },
    },
  };
}

export function failed(code: string, reason: string, id = 'resp_1'): SseEvent {
  return { type: 'response.failed', response: { id, status: 'failed', error: { code, message: reason } } };
}

/** A whole answer: the text word by word, then as an item. */
export function textAnswer(text: string, usage?: Usage): SseEvent[] {
  return [created(), ...textDeltas(text), itemDone(message(text)), completed(usage)];
}

/** A whole answer made of calls, in order. */
export function callAnswer(...calls: readonly OutputItem[]): SseEvent[] {
  return [created(), ...calls.map(itemDone), completed()];
}
