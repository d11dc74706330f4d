import { setTimeout as sleep } from 'node:timers/promises';
import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import { backoffMs, retryNotice } from '../model/retry.ts';
import { ModelError } from '../model/types.ts';
import { retrySource } from './progress-sources.ts';
import type { TurnWorld } from './turn.ts';

/**
 * Repeats a step of a turn while the provider's stream retries last, telling the listeners each time. Throws the last
 * error, and the signal's reason when the turn is aborted.
 */
export async function repeatStep<T>(
  world: Pick<TurnWorld, 'config' | 'signal' | 'activity'>,
  emit: (msg: EventMsg) => void,
  attemptStep: () => Promise<T>,
): Promise<T> {
  const maxRetries = world.config.modelProvider.streamMaxRetries;
  for (let attempt = 1; ; attempt++) {
    try {
      return await attemptStep();
    } catch (error) {
      if (!(error instanceof ModelError) || !error.retryable || attempt > maxRetries) throw error;
      const delay = error.retryAfterMs ?? backoffMs(attempt);
      emit({ type: 'stream_error', message: retryNotice(error.message, attempt, maxRetries, delay) });
      await world.activity.during(retrySource(delay), () =>
        sleep(delay, undefined, { signal: world.signal }),
      );
    }
  }
}

/** Written before every request to the model, repeated ones as well. */
export function storeTurnContext({ settings, store }: Pick<TurnWorld, 'settings' | 'store'>): Promise<void> {
  const { cwd, approvalPolicy, sandboxPolicy, model, effort, summary } = settings;
  const payload = {
    cwd,
    approval_policy: approvalPolicy,
    sandbox_policy: sandboxPolicy,
    model,
    ...(effort && { effort }),
    summary,
  };
  return store([{ type: 'turn_context', payload }]);
}
