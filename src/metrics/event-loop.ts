import type { Metrics } from './metrics.ts';

/** Milliseconds between two looks: close together while there is something that could stall, else so that we sleep well. */
const BUSY_MS = 50;
const IDLE_MS = 1_000;
/** A stall that is worth a line in the log (REL-ST-1). */
const STALL_MS = 200;
/** How long before a late look the culprit can have begun, at most. */
const SHORTLY_MS = 250;

export interface Stall {
  readonly delayMs: number;
  /** What can have caused it; what else went on, when nothing stands out. */
  readonly operations: readonly string[];
}

export interface EventLoopWatch {
  readonly onStall: (stall: Stall) => void;
  /** Called at each look and each beginning of an operation with the time, as a sign of life. */
  readonly onLook?: (now: number) => void;
}

/** Measures how late timers fire. Returns what stops it. */
export function watchEventLoop(
  { eventLoopDelay, stalls, operations }: Pick<Metrics, 'eventLoopDelay' | 'stalls' | 'operations'>,
  { onStall, onLook = () => {} }: EventLoopWatch,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  let interval = IDLE_MS;
  let due = 0;
  const plan = (next: number): void => {
    clearTimeout(timer);
    interval = next;
    due = performance.now() + next;
    timer = setTimeout(look, next).unref();
  };

  function look(): void {
    const now = performance.now();
    onLook(now);
    const delay = Math.max(0, now - due);
    eventLoopDelay.observe(delay / 1_000);
    if (delay > STALL_MS) report(delay);
    plan(operations.isBusy ? BUSY_MS : IDLE_MS);
  }

  function report(delay: number): void {
    const suspects = operations.suspects(due, SHORTLY_MS);
    stalls.inc({ operation: nameOf(suspects) });
    const found = suspects.length > 0 ? suspects : operations.running;
    onStall({ delayMs: Math.round(delay), operations: found });
  }

  operations.onBegin((now) => {
    if (now > due) look();
    else if (interval === IDLE_MS) plan(BUSY_MS);
    else onLook(now);
  });
  plan(IDLE_MS);
  return () => {
    operations.onBegin(() => {});
    clearTimeout(timer);
  };
}

function nameOf(suspects: readonly string[]): string {
  const [first = 'unknown'] = suspects;
  return suspects.length > 1 ? 'several' : first;
}
