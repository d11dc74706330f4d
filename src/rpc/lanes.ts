/** Keyed first-in-first-out queues: tasks of one key run one after another, those of different keys side by side. */
export class Lanes {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs at once when the lane is free, so that a short call costs no turn of the event loop. */
  run<T>(key: string, task: () => T | Promise<T>): T | Promise<T> {
    const tail = this.#tails.get(key);
    const outcome = tail ? tail.then(task) : task();
    if (outcome instanceof Promise) this.#occupy(key, outcome);
    return outcome;
  }

  #occupy(key: string, outcome: Promise<unknown>): void {
    const release = (): void => {
      if (this.#tails.get(key) === settled) this.#tails.delete(key);
    };
    const settled: Promise<void> = outcome.then(release, release);
    this.#tails.set(key, settled);
  }

  get size(): number {
    return this.#tails.size;
  }
}
