import { readFileSync } from 'node:fs';
import type { ModelFamily } from '../model/family.ts';

const read = (name: string): string => readFileSync(new URL(`./${name}.md`, import.meta.url), 'utf8').trim();

const texts = new Map<string, string>();

/** The built-in instructions for a family of models. */
export function baseInstructions(family: Pick<ModelFamily, 'instructions'>): string {
  const known = texts.get(family.instructions);
  if (known !== undefined) return known;
  const text = read(family.instructions);
  texts.set(family.instructions, text);
  return text;
}
