import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { ModelProvider } from '../config/types.ts';
import { untilAborted } from '../until-aborted.ts';
import { type AccountWaits, accountOf } from './account-waits.ts';
import type { Connections } from './connections.ts';
import type { CredentialSource } from './credential.ts';
import { isConfidential, responsesUrl } from './endpoint.ts';
import { notSent } from './failures.ts';
import { carriesSecret, type HeaderOptions, requestHeaders } from './headers.ts';
import { type HttpResponse, post } from './http.ts';
import { type Rejection, readRejection } from './rejection.ts';
import { transportFailure } from './transport-failure.ts';
import { type Credential, ModelError } from './types.ts';

/** Who is asking: the same for all requests. */
export interface SendOptions {
  /** Signs each attempt anew. */
  readonly credential: CredentialSource;
  readonly originator: string;
  readonly env: NodeJS.ProcessEnv;
  /** Told of the `Date` of each answer. */
  readonly onDate?: (date: string) => void;
  /** Further headers of a request, which replace none. */
  readonly moreHeaders?: (() => Readonly<Record<string, string>>) | undefined;
}

export interface Attempt extends SendOptions {
  readonly connections: Connections;
  readonly waits: AccountWaits;
  readonly provider: ModelProvider;
  readonly conversationId: string;
  readonly userAgent: string;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** One attempt of a request: the answer if it was accepted, or why not. Throws when the request may not be sent. */
export async function send(attempt: Attempt): Promise<HttpResponse | Rejection> {
  const { provider, signal, waits } = attempt;
  const credential = await credentialWhenAllowed(attempt);
  const url = responsesUrl(provider, credential);
  const identity = { ...attempt, credential };
  refuseExposure(url, identity);
  const headers = { ...attempt.moreHeaders?.(), ...requestHeaders(identity) };
  refuseUnsendable(provider, headers);
  const response = await answerOf(attempt, url, headers);
  if (!('body' in response)) return response;
  if (response.status >= 200 && response.status < 300) return response;
  const rejection = await readRejection(response);
  signal.throwIfAborted();
  const { retryAfterMs } = rejection;
  if (response.status === 429 && retryAfterMs) waits.note(accountOf(url, credential), retryAfterMs);
  return response.status === 401 && credential ? { ...rejection, rejected: credential } : rejection;
}

/** What another conversation was told to wait for, this one waits for as well. */
async function credentialWhenAllowed(attempt: Attempt): Promise<Credential | undefined> {
  const { provider, signal, waits } = attempt;
  for (;;) {
    const credential = await untilAborted(signal, () => attempt.credential.current(provider));
    const account = accountOf(responsesUrl(provider, credential), credential);
    if (!(await waits.over(account, signal))) return credential;
  }
}

async function answerOf(
  { connections, provider, body, signal, onDate }: Attempt,
  url: URL,
  headers: Record<string, string>,
): Promise<HttpResponse | Rejection> {
  try {
    const headersTimeoutMs = provider.streamIdleTimeoutMs;
    const dispatcher = await connections.dispatcher();
    signal.throwIfAborted();
    const response = await post(dispatcher, { url, headers, body, headersTimeoutMs, signal });
    if (typeof response.headers.date === 'string') onDate?.(response.headers.date);
    return response;
  } catch (error) {
    signal.throwIfAborted();
    const failure = transportFailure(error);
    return {
      error: notSent(url, error, failure?.message),
      retryRequest: true,
      cause: failure?.kind ?? 'unreachable',
    };
  }
}

/** A secret does not travel in plain text over a network (security, SEC-BIND-4). */
function refuseExposure(url: URL, headers: HeaderOptions): void {
  if (isConfidential(url) || !carriesSecret(headers)) return;
  throw new ModelError(
    `model provider \`${headers.provider.id}\`: a credential is not sent to ${url.origin}, because http is not encrypted; use https`,
    { retryable: false },
  );
}

/** Names a header that HTTP cannot carry, without its value. */
function refuseUnsendable({ id }: ModelProvider, headers: Record<string, string>): void {
  const bad = Object.keys(headers).find((name) => !isSendable(name, headers[name]));
  if (bad === undefined) return;
  const message = `model provider \`${id}\`: the header \`${bad}\` cannot be sent: it has characters that HTTP does not allow`;
  throw new ModelError(message, { retryable: false });
}

function isSendable(name: string, value: string | undefined): boolean {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value ?? '');
    return true;
  } catch {
    return false;
  }
}
