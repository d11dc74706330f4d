/** Hands values from callbacks to one `for await`. */
export interface AsyncQueue<T> {
  push(value: T): void;
  /** No more values; those that are there are still handed out. */
  end(): void;
  fail(error: Error): void;
  /** Values that wait. */
  readonly length: number;
  /** Takes out what waits. */
  clear(): void;
  readonly values: AsyncIterableIterator<T>;
}

/** @param onReturn called when the reader leaves before the end */
export function createAsyncQueue<T>(onReturn: () => void = () => {}): AsyncQueue<T> {
  let values: T[] = [];
  let readers: PromiseWithResolvers<IteratorResult<T>>[] = [];
  let ended = false;
  let failure: Error | undefined;
  const done: IteratorResult<T> = { done: true, value: undefined };

  function finish(error?: Error): void {
    if (ended) return;
    ended = true;
    failure = error;
    const waiting = readers;
    readers = [];
    for (const { resolve } of waiting) resolve(last());
  }

  /** What a reader gets after the values: the error once, then nothing more. */
  function last(): IteratorResult<T> | Promise<never> {
    if (failure === undefined) return done;
    const error = failure;
    failure = undefined;
    return Promise.reject(error);
  }

  return {
    push(value) {
      if (ended) return;
      const reader = readers.shift();
      if (reader) reader.resolve({ done: false, value });
      else values.push(value);
    },
    end: () => finish(),
    fail: finish,
    get length() {
      return values.length;
    },
    clear() {
      values = [];
    },
    values: {
      async next() {
        const [value] = values;
        if (values.length > 0) {
          values.shift();
          return { done: false, value: value as T };
        }
        if (ended) return last();
        const reader = Promise.withResolvers<IteratorResult<T>>();
        readers.push(reader);
        return reader.promise;
      },
      async return() {
        values = [];
        finish();
        onReturn();
        return done;
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    },
  };
}
