/**
 * Splits a text into lines that keep their ends. A line ends with `\n`, `\r\n` or a lone `\r`: what diffs of this
 * protocol count as a line (observed).
 */
export function splitLines(text: string): string[] {
  return text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
}
