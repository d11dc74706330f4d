import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import { userText } from '../context/messages.ts';
import { promptText } from '../prompts/texts.ts';
import { isInjected } from '../rollout/preview.ts';

/**
 * What a history is after a compaction: how the conversation opens, then one user message with all that the user said
 * so far and the summary (protocol-v1, section 14).
 */
export function compactedHistory(
  opening: readonly ResponseItem[],
  earlier: readonly ResponseItem[],
  summary: string,
): ResponseItem[] {
  const messages = earlier
    .map(saidByUser)
    .filter((text) => text !== '')
    .join('\n\n');
  const bridge = promptText('compact-bridge')
    .replace('{{messages}}', () => messages || '(none)')
    .replace('{{summary}}', () => summary || '(none)');
  return [...opening, userText(bridge)];
}

/** The texts of a message, a line each, as 0.36.0 puts them together; `''` when a program put them in. */
function saidByUser(item: ResponseItem): string {
  if (item.type !== 'message' || item.role !== 'user') return '';
  const texts = item.content.flatMap((part) => ('text' in part ? [part.text] : []));
  const whole = texts.filter((text) => text !== '').join('\n');
  return isInjected(whole) ? '' : whole;
}
