import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import { completeItem } from './items.ts';

/** What a call gets for an output when the history has none. */
const MISSING_OUTPUT = 'aborted';

type OutputType = 'function_call_output' | 'custom_tool_call_output';

/**
 * The history as the model is shown it: without web searches, and with an output for every call, because the
 * API refuses a call that has none.
 */
export function replayedInput(history: readonly ResponseItem[]): ResponseItem[] {
  const answered = new Set(history.map(outputKey).filter((key) => key !== undefined));
  return history
    .filter((item) => item.type !== 'web_search_call')
    .flatMap((item) => {
      const missing = missingOutput(item, answered);
      return missing ? [completeItem(item), missing] : [completeItem(item)];
    });
}

function missingOutput(item: ResponseItem, answered: ReadonlySet<string>): ResponseItem | undefined {
  const call = expectedOutput(item);
  if (!call || answered.has(keyOf(call.type, call.callId))) return undefined;
  return { type: call.type, call_id: call.callId, output: MISSING_OUTPUT };
}

function expectedOutput(item: ResponseItem): { type: OutputType; callId: string } | undefined {
  switch (item.type) {
    case 'function_call':
      return { type: 'function_call_output', callId: item.call_id };
    case 'custom_tool_call':
      return { type: 'custom_tool_call_output', callId: item.call_id };
    case 'local_shell_call':
      return item.call_id ? { type: 'function_call_output', callId: item.call_id } : undefined;
    default:
      return undefined;
  }
}

function outputKey(item: ResponseItem): string | undefined {
  const isOutput = item.type === 'function_call_output' || item.type === 'custom_tool_call_output';
  return isOutput ? keyOf(item.type, item.call_id) : undefined;
}

function keyOf(type: OutputType, callId: string): string {
  return `${type}:${callId}`;
}
