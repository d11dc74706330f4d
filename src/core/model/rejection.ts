import { z } from 'zod';
import { isPermanent, retriesExhausted, statusLine, unexpectedStatus } from './failures.ts';
import type { HttpResponse } from './http.ts';
import type { ResponseBody } from './response-body.ts';
import type { TransportFailure } from './transport-failure.ts';
import { type Credential, ModelError } from './types.ts';
import { usageLimit } from './usage-limit.ts';

/** Why a request is repeated; from a fixed set, for metrics. */
export type RetryCause =
  | 'unreachable'
  | TransportFailure['kind']
  | 'unauthorized'
  | 'rate_limited'
  | 'server_error';

/** An answer that is no stream, or no answer: what went wrong, and whether the request itself is worth repeating. */
export interface Rejection {
  readonly error: ModelError;
  readonly retryRequest: boolean;
  /** Why it would be repeated. */
  readonly cause?: RetryCause;
  /** What the provider asked to wait before the request is repeated. */
  readonly retryAfterMs?: number;
  /** The credential that was not accepted. */
  readonly rejected?: Credential;
}

/** Bytes of an error's body that are read and shown. */
const MAX_BODY = 64 * 1024;
const BODY_TIMEOUT_MS = 10_000;

/** A provider that asks for a longer wait than this gets no retry. */
export const MAX_RETRY_AFTER_MS = 5 * 60 * 1000;

/** Reads the answer to a request that was not accepted (protocol-v1, section 10). Consumes its body. */
export async function readRejection(response: HttpResponse): Promise<Rejection> {
  const { status } = response;
  const text = await readText(response.body);
  if (status >= 300 && status < 400) return final(redirected(response));
  if (status === 429) return tooManyRequests(response, text);
  if (status === 401 || status >= 500) return repeatable(response);
  return final(unexpectedStatus(status, text, !isPermanent(errorCode(text))));
}

function tooManyRequests(response: HttpResponse, text: string): Rejection {
  const { status } = response;
  const limit = usageLimit(parseJson(text));
  if (limit) return final(limit);
  if (isPermanent(errorCode(text))) return final(unexpectedStatus(status, text, false));
  return repeatable(response);
}

function repeatable({ status, headers }: HttpResponse): Rejection {
  const error = retriesExhausted(status);
  const retryAfterMs = readRetryAfter(headers['retry-after']);
  const cause = causeOf(status);
  if (retryAfterMs === undefined) return { error, retryRequest: true, cause };
  if (retryAfterMs > MAX_RETRY_AFTER_MS) return final(waitTooLong(status, retryAfterMs));
  return { error, retryRequest: true, retryAfterMs, cause };
}

function causeOf(status: number): RetryCause {
  if (status === 401) return 'unauthorized';
  return status === 429 ? 'rate_limited' : 'server_error';
}

function final(error: ModelError): Rejection {
  return { error, retryRequest: false };
}

function redirected({ status, headers }: HttpResponse): ModelError {
  const location = String(headers.location ?? '');
  const target = URL.canParse(location) ? ` to ${new URL(location).origin}` : '';
  return new ModelError(
    `unexpected status ${statusLine(status)}: the model provider redirects${target}, and redirects are not followed`,
    { retryable: false },
  );
}

function waitTooLong(status: number, waitMs: number): ModelError {
  const until = new Date(Date.now() + waitMs).toISOString();
  return new ModelError(
    `unexpected status ${statusLine(status)}: the model provider takes no requests before ${until}`,
    { retryable: false },
  );
}

/** `Retry-After` in seconds or as a date, in milliseconds; a date that has passed and anything else count as absent. */
function readRetryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const wait = Date.parse(header) - Date.now();
  return /GMT$/.test(header) && wait > 0 ? wait : undefined;
}

const ErrorBody = z.object({ error: z.object({ code: z.unknown(), type: z.unknown() }).partial() });

function errorCode(text: string): unknown {
  const error = ErrorBody.safeParse(parseJson(text)).data?.error;
  return error?.code ?? error?.type;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The body as far as it is wanted; one that breaks off is shown as far as it came. */
async function readText(body: ResponseBody): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const chunk = await body.read(BODY_TIMEOUT_MS);
      if (!chunk) break;
      chunks.push(chunk);
      size += chunk.length;
      if (size > MAX_BODY) break;
    }
  } catch {
    // The status is known, and a broken body says nothing better.
  }
  body.discard();
  return Buffer.concat(chunks).subarray(0, MAX_BODY).toString();
}
