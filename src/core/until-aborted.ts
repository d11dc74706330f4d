/**
 * Runs something until it is done or the signal is aborted, whichever comes first. What runs gets a signal of its own,
 * aborted in the second case only: the MCP SDK would otherwise cancel requests that were answered long ago. What takes
 * no signal goes on by itself.
 * @throws the reason of `signal`, or what `run` throws
 */
export async function untilAborted<T>(
  signal: AbortSignal,
  run: (own: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => {
    own.abort('the answer is no longer waited for');
    aborted.reject(signal.reason);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([run(own.signal), aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
