import { readFileSync } from 'node:fs';

const texts = new Map<string, string>();

/** A text of this folder, without its last newline. Read once. */
export function promptText(name: string): string {
  const known = texts.get(name);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`./${name}.md`, import.meta.url), 'utf8').trim();
  texts.set(name, text);
  return text;
}
