import type { ResponseItem } from '../../protocol/vocabulary/items.ts';

/** What editors put between the context they add and the user's own words. */
const REQUEST_MARKER = '## My request for Codex:';

const INJECTED_TAGS = ['user_instructions', 'environment_context'];

function isInjected(text: string): boolean {
  const trimmed = text.trim();
  return INJECTED_TAGS.some((tag) => {
    const [opening, closing] = [`<${tag}>`, `</${tag}>`];
    const starts = trimmed.slice(0, opening.length).toLowerCase() === opening;
    return starts && trimmed.slice(-closing.length).toLowerCase() === closing;
  });
}

function withoutContext(text: string): string {
  const start = text.indexOf(REQUEST_MARKER);
  return start < 0 ? text : text.slice(start + REQUEST_MARKER.length).trim();
}

/**
 * What a list shows of a conversation if this item is the first that has something to show: the first input text that
 * was not injected (protocol-v1, section 17; the reference does not look at the role).
 */
export function previewOf(item: ResponseItem): string | undefined {
  if (item.type !== 'message') return undefined;
  const texts = item.content.flatMap((part) => (part.type === 'input_text' ? [part.text] : []));
  const first = texts.find((text) => !isInjected(text));
  return first === undefined ? undefined : withoutContext(first);
}
