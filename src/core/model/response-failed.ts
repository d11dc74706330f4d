import { z } from 'zod';
import { disconnected, isPermanent } from './failures.ts';

const FailedResponse = z.object({
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }),
});

/** Throws the error of a `response.failed` event, with the delay that a rate limit asks for. */
export function responseFailed(response: unknown): never {
  const parsed = FailedResponse.safeParse(response);
  if (!parsed.success) throw disconnected('response.failed event received');
  const { code, message } = parsed.data.error;
  const retryAfterMs = code === 'rate_limit_exceeded' ? delayAskedFor(message ?? '') : undefined;
  throw disconnected(message ?? '', {
    retryable: !isPermanent(code),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}

/** Milliseconds in the provider's sentence `Please try again in 0.3s` (or `250ms`), to the microsecond. */
function delayAskedFor(message: string): number | undefined {
  const [, amount, unit] = /Please try again in (\d+(?:\.\d+)?)(s|ms)/.exec(message) ?? [];
  if (amount === undefined) return undefined;
  const factor = unit === 's' ? 1e6 : 1e3;
  return Math.round(Number(amount) * factor) / 1e3;
}
