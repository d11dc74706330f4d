import type { ComponentChildren } from 'preact';

/**
 * What moves the cursor, turns text around or cannot be seen at all. Line breaks and tabs are as they should be, and so is
 * what joins several pictures to one.
 */
const HIDDEN =
  /(?![\t\n])(?!(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d)[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A text with its hidden characters shown as what they are. */
export function Visible({ text }: { text: string }): ComponentChildren {
  const parts: ComponentChildren[] = [];
  let end = 0;
  for (const { 0: character, index } of text.matchAll(HIDDEN)) {
    parts.push(
      text.slice(end, index),
      <span class="hidden-character" title="a character that cannot be seen">
        {nameOf(character)}
      </span>,
    );
    end = index + character.length;
  }
  if (end === 0) return text;
  return [...parts, text.slice(end)];
}

/** The same as plain text, for attributes. */
export const visibleText = (text: string): string => text.replace(HIDDEN, nameOf);

function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
}
