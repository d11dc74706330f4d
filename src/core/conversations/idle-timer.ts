import { toTimerMs } from '../config/timer.ts';

/** Tells of ids that nothing has happened to for a while. */
export interface IdleTimer {
  /** The id is in use just now: its time starts anew. */
  touch(id: string): void;
  forget(id: string): void;
  close(): void;
}

/** What falls due within this part of the time is told at once, so that many ids do not wake the process one by one. */
const SLACK = 0.1;

/**
 * @param afterMs from the last touch to the news, which may be a tenth late
 * @param onIdle told once; to hear of the id again it has to be touched
 */
export function createIdleTimer(afterMs: number, onIdle: (id: string) => void): IdleTimer {
  // All wait equally long, so the first one is the next.
  const dueAt = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  function arm(): void {
    const [next] = dueAt.values();
    if (timer !== undefined || next === undefined) return;
    const wait = next - performance.now() + afterMs * SLACK;
    timer = setTimeout(fire, toTimerMs(Math.max(wait, 1))).unref();
  }

  function fire(): void {
    timer = undefined;
    const now = performance.now();
    for (const [id, due] of dueAt) {
      if (due > now) break;
      dueAt.delete(id);
      onIdle(id);
    }
    arm();
  }

  return {
    touch(id) {
      dueAt.delete(id);
      dueAt.set(id, performance.now() + afterMs);
      arm();
    },
    forget: (id) => void dueAt.delete(id),
    close() {
      clearTimeout(timer);
      timer = undefined;
      dueAt.clear();
    },
  };
}
