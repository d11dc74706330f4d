const NUL = '\0';
const BARE = /[A-Za-z0-9+\-./:@\]_]/;

/**
 * Splits a text into words as a POSIX shell would, without any expansion: operators are ordinary characters.
 * @returns `undefined` when a quote or a backslash is left open.
 */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  const token = /[ \t\n]+|#[^\n]*|((?:'[^']*'|"[^"\\]*(?:\\.[^"\\]*)*"|\\.|[^ \t\n'"\\]+)+)/sy;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (!match) return undefined;
    const word = match[1];
    if (word !== undefined) words.push(unquote(word));
  }
  return words;
}

function unquote(word: string): string {
  return word.replace(/'([^']*)'|"([^"\\]*(?:\\.[^"\\]*)*)"|\\(.)/gs, (_all, single, double, escaped) => {
    if (single !== undefined) return single;
    if (double !== undefined) return unescapeDoubleQuoted(double);
    return escaped === '\n' ? '' : escaped;
  });
}

/** Resolves the backslashes that mean something between double quotes; the others stay. */
export function unescapeDoubleQuoted(text: string): string {
  return text.replace(/\\([$`"\\\n])/g, (_all, escaped) => (escaped === '\n' ? '' : escaped));
}

/** Writes words as one line for people, in the quoting that protocol-v1 clients see in `parsed_cmd`. */
export function joinWords(words: readonly string[]): string {
  if (words.some((word) => word.includes(NUL))) return '<command included NUL byte>';
  return words.map(quoteWord).join(' ');
}

function quoteWord(word: string): string {
  if (word === '') return "''";
  let quoted = '';
  for (let rest = word; rest !== ''; ) {
    const chunk = nextChunk(rest);
    quoted += chunk.quoted;
    rest = rest.slice(chunk.length);
  }
  return quoted;
}

/** The longest start of `text` that a single style of quoting can carry, in the plainest such style. */
function nextChunk(text: string): { quoted: string; length: number } {
  const bare = spanOf(text, (char) => BARE.test(char));
  const single = spanOf(
    text,
    (char, index) => char !== "'" && char !== '\\' && (char !== '^' || index === 0),
  );
  const double = spanOf(text, (char) => !'$`!^'.includes(char));
  const length = Math.max(bare, single, double);
  const chunk = text.slice(0, length);
  if (bare === length) return { quoted: chunk, length };
  if (single === length) return { quoted: `'${chunk}'`, length };
  return { quoted: `"${chunk.replace(/["\\]/g, '\\$&')}"`, length };
}

function spanOf(text: string, fits: (char: string, index: number) => boolean): number {
  let index = 0;
  while (index < text.length && fits(text.charAt(index), index)) index++;
  return index;
}
