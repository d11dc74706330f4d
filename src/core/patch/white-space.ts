/** White space by the Unicode property: other than `trim()`, with U+0085 and without U+FEFF (observed). */
const LEADING = /^\p{White_Space}+/u;

export function trimStart(text: string): string {
  return text.replace(LEADING, '');
}

export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && /\p{White_Space}/u.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

export function trim(text: string): string {
  return trimStart(trimEnd(text));
}
