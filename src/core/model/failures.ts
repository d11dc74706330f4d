import { STATUS_CODES } from 'node:http';
import { ModelError } from './types.ts';

/**
 * Error codes that a repeated request cannot mend. The reference repeats them nevertheless (protocol-v1, section 22.1,
 * point 18).
 */
const PERMANENT_CODES: readonly unknown[] = ['context_length_exceeded', 'insufficient_quota'];

export function isPermanent(code: unknown): boolean {
  return PERMANENT_CODES.includes(code);
}

/** A stream that broke, ended, fell silent or reported a failure. */
export function disconnected(
  reason: string,
  options: { retryable?: boolean; retryAfterMs?: number; cause?: unknown } = {},
): ModelError {
  return new ModelError(`stream disconnected before completion: ${reason}`, { retryable: true, ...options });
}

/** No answer at all. The address is told without what may hold a secret: user, password and query. */
export function notSent(url: URL, cause: unknown, why: string | undefined): ModelError {
  const reason = why === undefined ? '' : `: ${why}`;
  return new ModelError(`error sending request for url (${url.origin}${url.pathname})${reason}`, {
    retryable: true,
    cause,
  });
}

/** A status that was still there after the last retry of the request. */
export function retriesExhausted(status: number): ModelError {
  const message =
    status === 500
      ? "We're currently experiencing high demand, which may cause temporary errors."
      : `exceeded retry limit, last status: ${statusLine(status)}`;
  return new ModelError(message, { retryable: true });
}

export function unexpectedStatus(status: number, body: string, retryable: boolean): ModelError {
  return new ModelError(`unexpected status ${statusLine(status)}: ${body}`, { retryable });
}

export function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? '<unknown status code>'}`;
}
