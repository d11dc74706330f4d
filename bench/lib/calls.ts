import type { Request } from './peer.ts';
import type { Wire } from './wire.ts';

/** Requests that are written down before; an id is used again long after its answer. */
const PREPARED = 1_024;
/** Above those that the client itself counts. */
const FIRST_ID = 1_000_000;

/**
 * Keeps so many requests in flight until so many have been answered.
 * @returns ms that it took
 * @throws when an answer is an error
 */
export async function callManyTimes(
  wire: Wire,
  { method, params }: Request,
  inFlight: number,
  times: number,
): Promise<number> {
  const requests = Array.from({ length: PREPARED }, (_, n) =>
    wire.encode(JSON.stringify({ jsonrpc: '2.0', id: FIRST_ID + n, method, params })),
  );
  let sent = 0;
  let answered = 0;
  const send = (): void => {
    const request = requests[sent % PREPARED];
    if (sent === times || request === undefined) return;
    sent += 1;
    wire.write(request);
  };
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  void wire.ended.then(reject);
  const stop = wire.listen((message) => {
    if (message.includes('"error":')) reject(new Error(message.toString()));
    if (!message.includes('"result":')) return;
    answered += 1;
    if (answered === times) resolve();
    else send();
  });
  const started = performance.now();
  for (let n = 0; n < inFlight; n += 1) send();
  await promise.finally(stop);
  return performance.now() - started;
}
