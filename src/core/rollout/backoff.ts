const FIRST_MS = 50;
const LONGEST_MS = 2_000;

/** Delays in ms between attempts, each twice as long as the one before. */
export interface Backoff {
  next(): number;
  reset(): void;
}

export function backoff(): Backoff {
  let delay = FIRST_MS;
  return {
    next() {
      const current = delay;
      delay = Math.min(2 * delay, LONGEST_MS);
      return current;
    },
    reset() {
      delay = FIRST_MS;
    },
  };
}
