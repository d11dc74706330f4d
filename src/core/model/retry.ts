const FIRST_DELAY_MS = 200;
/** So that a network that was down for long is found soon after it is back. */
const MAX_DELAY_MS = 30_000;
const JITTER = 0.1;

/**
 * Delay before a repeated attempt, in whole milliseconds: 200 ms doubled for each attempt after the first, within 10 % of
 * that (protocol-v1, section 10), and never more than half a minute. `attempt` counts from 1; `random` gives numbers in [0, 1).
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const spread = 1 + JITTER * (2 * random() - 1);
  return Math.min(Math.floor(FIRST_DELAY_MS * 2 ** (attempt - 1) * spread), MAX_DELAY_MS);
}

/** A delay as it is told to clients: `202ms`, `1.689s`, `0ns`. */
export function formatDelay(ms: number): string {
  if (ms === 0) return '0ns';
  return ms < 1000 ? `${ms}ms` : `${ms / 1000}s`;
}

/** Text of a `stream_error` event. `attempt` counts from 1. */
export function retryNotice(reason: string, attempt: number, maxRetries: number, delayMs: number): string {
  return `stream error: ${reason}; retrying ${attempt}/${maxRetries} in ${formatDelay(delayMs)}…`;
}
