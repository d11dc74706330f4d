/** Waits for something that goes on by itself, but not longer than the signal allows. Throws the signal's reason. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    const outcome = await Promise.race([work, aborted.promise]);
    signal.throwIfAborted();
    return outcome;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
