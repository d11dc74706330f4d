import { setTimeout as sleep } from 'node:timers/promises';
import { untilAborted } from '../until-aborted.ts';
import type { HttpResponse } from './http.ts';
import type { RetryCause } from './rejection.ts';
import { backoffMs } from './retry.ts';
import { type Attempt, send } from './send.ts';

export interface RetryDetails {
  readonly attempt: number;
  readonly delayMs: number;
  readonly reason: string;
  readonly cause: RetryCause | undefined;
}

export interface OpenOptions extends Attempt {
  readonly onRetry: (details: RetryDetails) => void;
}

/**
 * The accepted answer to a step's request. Repeats the request as often as the provider's settings allow when there is no
 * answer, a 401, a 429 or a 5xx (protocol-v1, section 10). Throws `ModelError`, or the signal's reason.
 */
export async function openStream(options: OpenOptions): Promise<HttpResponse> {
  const { provider, credential, signal, onRetry } = options;
  for (let attempt = 1; ; attempt++) {
    const outcome = await send(options);
    if ('body' in outcome) return outcome;
    const { error, retryRequest, retryAfterMs, rejected, cause } = outcome;
    // Also when nothing is left to retry: the next step finds a credential that is accepted.
    if (rejected) await untilAborted(signal, () => credential.renew(provider, rejected));
    if (!retryRequest || attempt > provider.requestMaxRetries) throw error;
    const delayMs = retryAfterMs ?? backoffMs(attempt);
    onRetry({ attempt, delayMs, reason: error.message, cause });
    await pause(delayMs, signal);
  }
}

async function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal });
  } catch {
    signal.throwIfAborted();
  }
}
