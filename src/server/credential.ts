import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { RpcError } from '../protocol/errors.ts';
import { FIRST_REQUEST } from '../protocol/first-request.ts';

const HELP =
  `Send 'Authorization: Bearer TOKEN'; 'codexd token' on this machine prints it, for example: ` +
  `${FIRST_REQUEST}. ` +
  `For the web page open the link that 'codexd serve' prints.`;

const DETAILS = {
  credential_missing: 'No credential was sent.',
  credential_malformed: 'The Authorization header is not understood.',
  credential_invalid: 'The credential that was sent is not valid.',
  query_token_not_accepted: 'A token in the query string is not accepted, because URLs end up in logs.',
} as const;

type Reason = keyof typeof DETAILS;

/** Subprotocol of the WebSocket; the second form carries the token, since browsers cannot set headers there. */
export const SUBPROTOCOL = 'codexd.v1';
const TOKEN_SUBPROTOCOL = 'codexd.bearer.';

export type CredentialCheck = (request: IncomingMessage) => RpcError | undefined;

/**
 * Accepts the token as Bearer, as the password of Basic user `codexd`, or on an upgrade as subprotocol
 * `codexd.bearer.TOKEN`. Returns the error to answer with: 401, or 400 when two carriers disagree.
 */
export function createCredentialCheck(token: string): CredentialCheck {
  const expected = digest(token);
  const isValid = (candidate: string) => timingSafeEqual(digest(candidate), expected);
  return (request) => {
    const carried = carriedTokens(request);
    if (carried === 'malformed') return unauthorized('credential_malformed');
    const [first, second] = carried;
    if (first === undefined)
      return unauthorized(isInQuery(request) ? 'query_token_not_accepted' : 'credential_missing');
    if (second !== undefined && second !== first) return disagreement();
    return isValid(first) ? undefined : unauthorized('credential_invalid');
  };
}

/** Digests have one length, so that the comparison tells nothing about the token's. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const unauthorized = (reason: Reason): RpcError =>
  new RpcError('unauthorized', `${DETAILS[reason]} ${HELP}`, { reason });

const disagreement = (): RpcError =>
  new RpcError('invalidRequest', 'two different credentials were sent; send one', {
    reason: 'credential_conflict',
  });

function carriedTokens(request: IncomingMessage): string[] | 'malformed' {
  const { authorization } = request.headers;
  const tokens = request.headers.upgrade === undefined ? [] : subprotocolTokens(request);
  if (authorization === undefined) return tokens;
  const token = fromAuthorization(authorization);
  return token === undefined ? 'malformed' : [token, ...tokens];
}

function subprotocolTokens(request: IncomingMessage): string[] {
  const offered = request.headers['sec-websocket-protocol']?.split(',') ?? [];
  return offered
    .map((name) => name.trim())
    .filter((name) => name.startsWith(TOKEN_SUBPROTOCOL))
    .map((name) => name.slice(TOKEN_SUBPROTOCOL.length));
}

function fromAuthorization(header: string): string | undefined {
  const [, scheme, value] = /^(\S+) +(\S+)$/.exec(header) ?? [];
  if (scheme === undefined || value === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return value;
  return scheme.toLowerCase() === 'basic' ? fromBasic(value) : undefined;
}

function fromBasic(value: string): string | undefined {
  const [, password] = /^codexd:(.+)$/s.exec(Buffer.from(value, 'base64').toString()) ?? [];
  return password;
}

function isInQuery(request: IncomingMessage): boolean {
  return /[?&](?:token|access_token|auth_token)=/i.test(request.url ?? '');
}
