import type { CallContext } from '../rpc/dispatcher.ts';

/**
 * Aborted when the daemon closes, or when the client of an HTTP request has gone, so that nothing is done for nobody
 * (REL-CL-8). A call with an idempotency key goes on: its client may come back for the answer.
 */
export function whileAwaited({ client, idempotencyKey }: CallContext, closing: AbortSignal): AbortSignal {
  const gone = idempotencyKey === undefined ? client.whenGone?.() : undefined;
  return gone ? AbortSignal.any([closing, gone]) : closing;
}
