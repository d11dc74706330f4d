/** Compares our clock with those of the servers that we talk to. */
export interface ServerClock {
  /** Takes the `Date` header of an answer. */
  observe(date: string): void;
  /** Milliseconds since 1970, `undefined` while our clock is too far from that of the last answer (SEC-REF-3). */
  now(): number | undefined;
}

const TOLERATED_MS = 10 * 60 * 1000;

export function createServerClock(): ServerClock {
  let trusted = true;
  return {
    observe(date) {
      const theirs = Date.parse(date);
      if (!Number.isNaN(theirs)) trusted = Math.abs(theirs - Date.now()) <= TOLERATED_MS;
    },
    now: () => (trusted ? Date.now() : undefined),
  };
}
