import type { IncomingMessage } from 'node:http';
import { RpcError } from '../protocol/errors.ts';
import { FIRST_REQUEST } from '../protocol/first-request.ts';
import type { Access } from './access/access.ts';
import { readSessionCookie } from './access/cookie.ts';
import type { Keyring } from './access/keyring.ts';

const HELP =
  `Send 'Authorization: Bearer TOKEN'; 'codexd token' on this machine prints it, for example: ` +
  `${FIRST_REQUEST}. ` +
  `For the web page open the link that 'codexd serve' prints.`;

const DETAILS = {
  credential_missing: 'No credential was sent.',
  credential_malformed: 'The Authorization header is not understood.',
  credential_invalid: 'The credential that was sent is not valid.',
  session_expired: 'The session of this browser has ended.',
  bootstrap_invalid: 'The sign-in code is not valid: it is good once, for 60 seconds.',
  query_token_not_accepted: 'A token in the query string is not accepted, because URLs end up in logs.',
} as const;

type Reason = keyof typeof DETAILS;

/** Subprotocol of the WebSocket; the second form carries the token, since browsers cannot set headers there. */
export const SUBPROTOCOL = 'codexd.v1';
const TOKEN_SUBPROTOCOL = 'codexd.bearer.';

export type CredentialCheck = (request: IncomingMessage, port: number) => Access | RpcError;

/**
 * Accepts the token as Bearer, as the password of Basic user `codexd`, or on an upgrade as subprotocol
 * `codexd.bearer.TOKEN`; without any of them, the session cookie. Returns the access that it gives or the error to
 * answer with: 401, or 400 when two carriers disagree. `port` is the one that the daemon listens on.
 */
export function createCredentialCheck({
  token,
  sessions,
}: Pick<Keyring, 'token' | 'sessions'>): CredentialCheck {
  return (request, port) => {
    const carried = carriedTokens(request);
    if (carried === 'malformed') return unauthorized('credential_malformed');
    const [first, second] = carried;
    const id = readSessionCookie(request, port);
    const session = id === undefined ? undefined : sessions.present(id);
    if (first === undefined) return session ?? unauthorized(withoutToken(request, id));
    if (second !== undefined && second !== first) return disagreement();
    // The browser adds its cookie unasked, so that one of long ago says nothing against a good token.
    return token.present(first) ?? (session ? disagreement() : unauthorized('credential_invalid'));
  };
}

function withoutToken(request: IncomingMessage, sessionId: string | undefined): Reason {
  if (sessionId !== undefined) return 'session_expired';
  return isInQuery(request) ? 'query_token_not_accepted' : 'credential_missing';
}

export const unauthorized = (reason: Reason): RpcError =>
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
