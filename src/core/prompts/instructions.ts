import type { ModelFamily } from '../model/family.ts';
import { promptText } from './texts.ts';

/** The built-in instructions for a family of models. */
export const baseInstructions = ({ instructions }: Pick<ModelFamily, 'instructions'>): string =>
  promptText(instructions);
