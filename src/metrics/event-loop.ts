import type { Metrics } from './metrics.ts';

/** Seldom enough that an idle daemon sleeps well. */
const INTERVAL_MS = 250;
/** A stall that is worth a line in the log (REL-ST-1). */
const STALL_MS = 200;

/** Measures how late timers fire. Returns what stops it. */
export function watchEventLoop(
  { eventLoopDelay, stalls }: Pick<Metrics, 'eventLoopDelay' | 'stalls'>,
  onStall: (delayMs: number) => void,
): () => void {
  let due = performance.now() + INTERVAL_MS;
  const timer = setInterval(() => {
    const now = performance.now();
    const delay = Math.max(0, now - due);
    due = now + INTERVAL_MS;
    eventLoopDelay.observe(delay / 1_000);
    if (delay <= STALL_MS) return;
    stalls.inc();
    onStall(Math.round(delay));
  }, INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}
