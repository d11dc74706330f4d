/** Syncs one file; whoever asks while a sync runs shares the next one. */
export interface GroupSync {
  /** Resolves when everything written before the call is on the disk. */
  now(): Promise<void>;
  /** Sees to it that what is written now is synced within the delay, without anybody waiting for it. */
  soon(): void;
  /** Waits for syncs under way and starts no more by itself. */
  stop(): Promise<void>;
}

/**
 * @param sync makes what was written before the call durable; after a failure it must not just ask the kernel again,
 *   which forgets which pages were never written, so that the next sync would succeed wrongly
 * @param delayMs longest time that `soon` lets pass
 */
export function groupSync(sync: () => Promise<void>, delayMs: number): GroupSync {
  let running: Promise<void> | undefined;
  let following: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const start = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const started = sync().finally(() => {
      if (running === started) running = undefined;
    });
    running = started;
    return started;
  };
  const startAfter = async (before: Promise<void>): Promise<void> => {
    await before.catch(() => undefined);
    following = undefined;
    return start();
  };
  const now = (): Promise<void> => {
    if (following !== undefined) return following;
    if (running === undefined) return start();
    following = startAfter(running);
    return following;
  };
  return {
    now,
    soon() {
      // Nobody waits here; `sync` itself sees to it that a failure is not forgotten.
      timer ??= setTimeout(() => void now().catch(() => undefined), delayMs).unref();
    },
    async stop() {
      clearTimeout(timer);
      timer = undefined;
      await Promise.allSettled([running, following]);
    },
  };
}
