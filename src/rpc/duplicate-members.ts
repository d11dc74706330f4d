import { endOfString } from './json-shape.ts';

/** What tells a JSON-RPC message apart: two readers must not disagree about it. */
const ENVELOPE = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);

/**
 * The first member of a JSON-RPC message, or of one in a batch, that is there twice. `JSON.parse` keeps the last one, other
 * readers the first (SEC-DUP-1). To be asked about valid JSON only.
 */
export function findDuplicateMember(text: string): string | undefined {
  // In a batch the messages are one level down.
  const level = /^\s*\[/.test(text) ? 2 : 1;
  let depth = 0;
  let seen = new Set<string>();
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (character === '{' && depth === level) seen = new Set();
    if (character !== '"') continue;
    const end = endOfString(text, index);
    if (depth === level && isName(text, end)) {
      const name = String(JSON.parse(text.slice(index, end + 1)));
      if (ENVELOPE.has(name) && seen.has(name)) return name;
      seen.add(name);
    }
    index = end;
  }
  return undefined;
}

const COLON = /\s*:/y;

function isName(text: string, closingQuote: number): boolean {
  COLON.lastIndex = closingQuote + 1;
  return COLON.test(text);
}
