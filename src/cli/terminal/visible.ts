/**
 * Characters that move the cursor, change the terminal or turn text around, shown as what they are. What a model or a
 * command says is nobody's order to the terminal.
 */
export function visible(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, show);
}

/** The same for what has to stay on one line. */
export function visibleLine(text: string): string {
  return visible(text.trim().replace(/\s+/g, ' '));
}

function show(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\n' || character === '\t') return character;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}
