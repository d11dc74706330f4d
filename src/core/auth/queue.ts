/** Runs tasks one after another, in the order of the calls. A task that fails does not keep the next from running. */
export function createQueue(): <T>(task: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve();
  return (task) => {
    const outcome = tail.then(task);
    tail = outcome.catch(() => undefined);
    return outcome;
  };
}
