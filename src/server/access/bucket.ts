/** A token bucket: `burst` at once, then one per `interval` milliseconds. */
export interface Bucket {
  /** Takes one out; `false` when there is none. */
  take(): boolean;
  /** Milliseconds until there is one; 0 when there is. */
  readonly wait: number;
}

/** @param now milliseconds of a clock that only goes forward */
export function createBucket(burst: number, interval: number, now: () => number): Bucket {
  let left = burst;
  let since = now();

  function refill(): number {
    const at = now();
    left = Math.min(burst, left + (at - since) / interval);
    since = at;
    return left;
  }

  return {
    take() {
      if (refill() < 1) return false;
      left -= 1;
      return true;
    },
    get wait() {
      return Math.max(0, (1 - refill()) * interval);
    },
  };
}
