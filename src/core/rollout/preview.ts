import type { ResponseItem } from '../../protocol/vocabulary/items.ts';

/** What editors put between the context they add and the user's own words. */
const REQUEST_MARKER = '## My request for Codex:';

/** How such texts begin and end; the last ones are those of today's Codex, which puts two of them into one message. */
const INJECTED = [
  ['<user_instructions>', '</user_instructions>'],
  ['<environment_context>', '</environment_context>'],
  ['# agents.md instructions for ', '</instructions>'],
  ['# agents.md instructions for ', '</environment_context>'],
] as const;

/** True for what programs put into a conversation as if the user had said it. */
export function isInjected(text: string): boolean {
  const trimmed = text.trim();
  return INJECTED.some(
    ([opening, closing]) =>
      trimmed.slice(0, opening.length).toLowerCase() === opening &&
      trimmed.slice(-closing.length).toLowerCase() === closing,
  );
}

function withoutContext(text: string): string {
  const start = text.indexOf(REQUEST_MARKER);
  return start < 0 ? text : text.slice(start + REQUEST_MARKER.length).trim();
}

/**
 * What a list shows of a conversation if this item is the first that has something to show: the first input text that
 * was not injected (protocol-v1, section 17). The reference does not look at the role; today's Codex begins with a
 * message of the developer, which is nothing to show.
 */
export function previewOf(item: ResponseItem): string | undefined {
  if (item.type !== 'message' || item.role === 'developer') return undefined;
  const texts = item.content.flatMap((part) => (part.type === 'input_text' ? [part.text] : []));
  const first = texts.find((text) => !isInjected(text));
  return first === undefined ? undefined : withoutContext(first);
}
