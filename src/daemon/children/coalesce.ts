/** Calls that are made while one runs share the next one: each sees what is true after it was made. */
export function coalesce<T>(run: () => Promise<T>): () => Promise<T> {
  let current: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    next ??= current.then(() => {
      next = undefined;
      const result = run();
      current = result.catch(() => undefined);
      return result;
    });
    return next;
  };
}
