import type { Metrics } from './metrics.ts';

/** Seldom enough that an idle daemon sleeps well. */
const INTERVAL_MS = 250;
/** A stall that is worth a line in the log (REL-ST-1). */
const STALL_MS = 200;

export interface Stall {
  readonly delayMs: number;
  /** What can have caused it; what else went on, when nothing stands out. */
  readonly operations: readonly string[];
}

export interface EventLoopWatch {
  readonly onStall: (stall: Stall) => void;
  /** Called at each look, as a sign of life. */
  readonly onLook?: () => void;
}

/** Measures how late timers fire. Returns what stops it. */
export function watchEventLoop(
  { eventLoopDelay, stalls, operations }: Pick<Metrics, 'eventLoopDelay' | 'stalls' | 'operations'>,
  { onStall, onLook = () => {} }: EventLoopWatch,
): () => void {
  let due = performance.now() + INTERVAL_MS;
  const timer = setInterval(() => {
    onLook();
    const now = performance.now();
    const delay = Math.max(0, now - due);
    const suspects = delay > STALL_MS ? operations.suspects(due, INTERVAL_MS) : [];
    due = now + INTERVAL_MS;
    eventLoopDelay.observe(delay / 1_000);
    if (delay <= STALL_MS) return;
    stalls.inc({ operation: nameOf(suspects) });
    const found = suspects.length > 0 ? suspects : operations.running;
    onStall({ delayMs: Math.round(delay), operations: found });
  }, INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function nameOf(suspects: readonly string[]): string {
  const [first = 'unknown'] = suspects;
  return suspects.length > 1 ? 'several' : first;
}
