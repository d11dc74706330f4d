import type { EventMsg } from '../../protocol/vocabulary/events.ts';

/** How codexd and the reference begin the line of a message, up to the message. */
const BEGINNING = /^\{"timestamp":"[^"\\]{0,40}","type":"event_msg","payload":/;

/** For shorter texts looking costs more than writing them anew. */
const LONG_TEXT = 256;

const BACKSLASH = 0x5c;

function longText(msg: EventMsg): string | undefined {
  const member = Object.entries(msg).find(
    ([, value]) => typeof value === 'string' && value.length >= LONG_TEXT,
  );
  return member?.[0];
}

/** Where the string ends whose opening quote is before `from`. */
function endOfString(json: string, from: number): number {
  for (let quote = json.indexOf('"', from); quote >= 0; quote = json.indexOf('"', quote + 1)) {
    let before = quote;
    while (json.charCodeAt(before - 1) === BACKSLASH) before -= 1;
    if ((quote - before) % 2 === 0) return quote;
  }
  return -1;
}

/** Escapes that JSON.stringify would not have written, or not for every character. */
const hasRareEscapes = (json: string, from: number): boolean =>
  json.indexOf('\\u', from) >= 0 || json.indexOf('\\/', from) >= 0;

/**
 * The part of a line that is, byte for byte, what JSON.stringify makes of its message, or `undefined` when that cannot
 * be told without doing so. Most of a long conversation is in messages with one long text, which is not written anew.
 *
 * @param line an event_msg record, whole
 * @param json the same as text
 * @param msg what was read from it
 */
export function messageText(line: Buffer, json: string, msg: EventMsg): Buffer | undefined {
  const name = longText(msg);
  const start = BEGINNING.exec(json)?.[0].length;
  if (name === undefined || start === undefined) return undefined;
  const [head = '', ...rest] = JSON.stringify({ ...msg, [name]: '' }).split(`"${name}":""`);
  const opening = `${head}"${name}":"`;
  const closing = `"${rest.join(`"${name}":""`)}}`;
  if (!json.startsWith(opening, start) || !json.endsWith(closing)) return undefined;
  const text = start + opening.length;
  if (endOfString(json, text) !== json.length - closing.length || hasRareEscapes(json, text))
    return undefined;
  return line.subarray(start, line.length - 1);
}
