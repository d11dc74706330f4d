const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = '\\'.charCodeAt(0);
const [OPENS_LIST, CLOSES_LIST, OPENS_OBJECT, CLOSES_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Whether a JSON text is nested deeper than `limit`. Looks at the text, because parsing a million levels takes most of
 * a second, and many a recursive reader of the value overflows the stack. Need not be valid JSON.
 */
export function isNestedDeeperThan(text: string, limit: number): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) index = endOfString(text, index);
    else if (code === OPENS_LIST || code === OPENS_OBJECT) depth += 1;
    else if (code === CLOSES_LIST || code === CLOSES_OBJECT) depth -= 1;
    if (depth > limit) return true;
  }
  return false;
}

/** Index of the closing quote. `indexOf` passes megabytes of text in a moment. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, quote: number): boolean {
  let first = quote;
  while (text.charCodeAt(first - 1) === BACKSLASH) first -= 1;
  return (quote - first) % 2 === 1;
}
