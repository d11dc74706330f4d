import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY = 25;
const STILL_FOR = 100;
const AT_MOST = 2000;

/** Waits until `state` has stayed the same for 100 ms, at most 2 s. */
export async function settle(state: () => string): Promise<void> {
  const end = performance.now() + AT_MOST;
  let seen = state();
  let since = performance.now();
  while (performance.now() - since < STILL_FOR && performance.now() < end) {
    await delay(LOOK_EVERY);
    const now = state();
    if (now === seen) continue;
    seen = now;
    since = performance.now();
  }
}
