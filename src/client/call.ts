import type { MethodName, Params, Result } from '../protocol/registry.ts';
import type { Settle } from './connection.ts';

export interface CallOptions {
  /** Gives up waiting for the answer; the daemon goes on with what was asked. */
  readonly signal?: AbortSignal | undefined;
}

/** Calls a method of the registry. Rejects with `RequestError`, `ConnectionError`, or the reason of the signal. */
export type Call = <N extends MethodName>(
  method: N,
  params: Params<N>,
  options?: CallOptions,
) => Promise<Result<N>>;

export function createCall(request: (method: string, params: object, settle: Settle) => void): Call {
  return (method, params, { signal } = {}) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const onAbort = (): void => reject(signal?.reason);
      const done = (): void => signal?.removeEventListener('abort', onAbort);
      signal?.addEventListener('abort', onAbort, { once: true });
      request(method, params, {
        resolve(result) {
          done();
          // What the daemon answers is checked there, against the same registry.
          resolve(result as never);
        },
        reject(error) {
          done();
          reject(error);
        },
      });
    });
}
