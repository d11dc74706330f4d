/**
 * Runs tasks of one key one after another, in the order of the calls, and those of different keys side by side. A task
 * that fails does not keep the next one from running.
 */
export type Exclusive = <T>(key: string, task: () => Promise<T>) => Promise<T>;

export function exclusiveByKey(): Exclusive {
  const last = new Map<string, Promise<unknown>>();
  return async (key, task) => {
    const before = last.get(key) ?? Promise.resolve();
    const outcome = before.then(task);
    const settled = outcome.catch(() => undefined);
    last.set(key, settled);
    try {
      return await outcome;
    } finally {
      if (last.get(key) === settled) last.delete(key);
    }
  };
}
