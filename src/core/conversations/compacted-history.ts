import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import { userText } from '../context/messages.ts';
import { promptText } from '../prompts/texts.ts';

const INJECTED = /^\s*<(user_instructions|environment_context)>/;

/**
 * What a history is after a compaction: how the conversation opens, then one user message with all that the user said
 * so far and the summary (protocol-v1, section 14).
 */
export function compactedHistory(
  opening: readonly ResponseItem[],
  earlier: readonly ResponseItem[],
  summary: string,
): ResponseItem[] {
  const messages = earlier.flatMap(userTexts).join('\n\n');
  const bridge = promptText('compact-bridge')
    .replace('{{messages}}', () => messages || '(none)')
    .replace('{{summary}}', () => summary || '(none)');
  return [...opening, userText(bridge)];
}

function userTexts(item: ResponseItem): string[] {
  if (item.type !== 'message' || item.role !== 'user') return [];
  const texts = item.content.flatMap((part) => (part.type === 'input_text' ? [part.text] : []));
  return texts.filter((text) => !INJECTED.test(text));
}
