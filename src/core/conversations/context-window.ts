import type { TurnWorld } from './turn.ts';

/** Size of the model's context in tokens; `undefined` when unknown. */
export const contextWindow = ({ config, family }: Pick<TurnWorld, 'config' | 'family'>): number | undefined =>
  config.modelContextWindow ?? family.contextWindow;
