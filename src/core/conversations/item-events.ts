import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { TurnWorld } from './turn.ts';

/** Tells the listeners of a finished item that is not a call. */
export async function reportItem(
  item: ResponseItem,
  webSearchCallId: string | undefined,
  world: Pick<TurnWorld, 'report' | 'config'>,
): Promise<void> {
  if (item.type === 'message' && item.role === 'assistant') {
    for (const part of item.content) {
      if (part.type === 'output_text') await world.report({ type: 'agent_message', message: part.text });
    }
  }
  if (item.type === 'reasoning') {
    for (const { text } of item.summary) await world.report({ type: 'agent_reasoning', text });
    if (!world.config.showRawAgentReasoning) return;
    for (const { text } of item.content ?? []) {
      await world.report({ type: 'agent_reasoning_raw_content', text });
    }
  }
  if (item.type === 'web_search_call' && webSearchCallId !== undefined) {
    await world.report({ type: 'web_search_end', call_id: webSearchCallId, query: item.action.query ?? '' });
  }
}
