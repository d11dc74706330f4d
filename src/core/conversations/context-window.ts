import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import type { TurnWorld } from './turn.ts';

/** Size of the model's context in tokens; `undefined` when unknown. */
export const contextWindow = ({ config, family }: Pick<TurnWorld, 'config' | 'family'>): number | undefined =>
  config.modelContextWindow ?? family.contextWindow;

export const taskStarted = (world: Pick<TurnWorld, 'config' | 'family'>): EventMsg => ({
  type: 'task_started',
  model_context_window: contextWindow(world) ?? null,
});
