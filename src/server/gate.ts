import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { RpcError } from '../protocol/errors.ts';
import { type Access, FILE_ACCESS, PUBLIC_ACCESS } from './access/access.ts';
import { isPreflight } from './access/cors.ts';
import type { Exposure } from './access/exposure.ts';
import type { Failures } from './access/failures.ts';
import type { Keyring } from './access/keyring.ts';
import { isFileGuarded } from './connections.ts';
import { createCredentialCheck } from './credential.ts';
import { repeatedHeader } from './headers.ts';
import { createHostCheck, targetAuthority } from './host.ts';
import { isAllowedOrigin, isSameOrigin, type OriginPolicy } from './origin.ts';

export interface GateOptions {
  readonly keyring: Keyring;
  readonly exposure: Exposure;
  readonly failures: Failures;
  /** Address of the TCP listener; asked for at the first request. */
  readonly address: () => { address: string; port: number };
  /** Why nobody is let in at the moment: shutting down, or too many connections. */
  readonly closedBecause: () => RpcError | undefined;
  /** Told of connections that have shown a credential. */
  readonly onAuthenticated: (socket: Socket) => void;
}

/** What is known of the route when a request comes in. */
export interface Destination {
  /** The route's pattern, absent when there is none. */
  readonly url: string | undefined;
  /** Whether the answer is a stream of events. */
  readonly streams: boolean;
}

/** Returns how the request may come in, or the error to refuse it with. */
export type Gate = (request: IncomingMessage, destination: Destination) => Access | RpcError;

const PUBLIC = new Set(['/healthz', '/readyz']);
/** Where a secret in the body becomes a cookie. */
export const SIGN_IN = '/v1/session';

/**
 * The one gate of every way in: HTTP, WebSocket upgrades, the unix socket and addresses that do not exist. The order
 * of the checks decides the answer: limits, Host, Origin, credential.
 */
export function createGate(options: GateOptions): Gate {
  const authenticate = createAuthentication(options);
  let policies: Policies | undefined;
  return (request, destination) => {
    policies ??= toPolicies(options);
    const isOpen = PUBLIC.has(destination.url ?? '') && isReading(request);
    const guarded = isFileGuarded(request.socket);
    return (
      options.closedBecause() ??
      (guarded ? undefined : checkHost(request, policies.isAllowedHost)) ??
      checkOrigin(request, policies.origin, isOpen) ??
      openDoor(request, destination, policies.origin, isOpen) ??
      (guarded ? FILE_ACCESS : authenticate(request, destination, policies.origin))
    );
  };
}

interface Policies {
  readonly isAllowedHost: (header: string) => boolean;
  readonly origin: OriginPolicy;
}

function toPolicies({ address, exposure }: GateOptions): Policies {
  const { address: bound, port } = address();
  const { allowedHosts, allowedOrigins, publicUrl } = exposure;
  const publicHost = publicUrl === undefined ? undefined : new URL(publicUrl).host;
  return {
    isAllowedHost: createHostCheck({
      bound,
      port,
      allowed: allowedHosts.map((name) => name.toLowerCase()),
      publicHost,
    }),
    origin: { port, allowed: allowedOrigins, publicUrl },
  };
}

const isReading = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

function checkHost(request: IncomingMessage, isAllowedHost: Policies['isAllowedHost']): RpcError | undefined {
  const { host } = request.headers;
  if (host === undefined) return badHost('the Host header is missing');
  if (repeatedHeader(request, 'host')) return badHost('the Host header was sent twice');
  const authority = targetAuthority(request.url ?? '');
  if (authority !== undefined && authority.toLowerCase() !== host.toLowerCase()) {
    return badHost('the request target names another host than the Host header');
  }
  if (isAllowedHost(host)) return undefined;
  return new RpcError(
    'misdirected',
    'the Host header names a host that this daemon does not answer to; codexd serve --allowed-host NAME allows one',
  );
}

const badHost = (message: string): RpcError =>
  new RpcError('invalidRequest', message, { reason: 'host_malformed' });

function checkOrigin(request: IncomingMessage, policy: OriginPolicy, isOpen: boolean): RpcError | undefined {
  const { origin } = request.headers;
  // Public answers tell a page nothing, so that only its explicit `Origin` is looked at.
  const headers = isOpen ? { ...(origin !== undefined && { origin }) } : request.headers;
  const [path = ''] = (request.url ?? '').split('?');
  if (isAllowedOrigin(headers, policy, { method: request.method ?? '', path })) return undefined;
  return new RpcError(
    'forbidden',
    'requests from pages of other sites are refused; codexd serve --allowed-origin ORIGIN allows one',
    { reason: 'origin_not_allowed' },
  );
}

/** The few ways in that ask for no credential, or carry it in the body. */
function openDoor(
  request: IncomingMessage,
  { url }: Destination,
  policy: OriginPolicy,
  isOpen: boolean,
): Access | RpcError | undefined {
  if (isOpen || isPreflight(request, policy.allowed)) return PUBLIC_ACCESS;
  if (url !== SIGN_IN || request.method !== 'POST') return undefined;
  return isScriptOfOurs(request, policy) ? PUBLIC_ACCESS : forgery();
}

type Authentication = (
  request: IncomingMessage,
  destination: Destination,
  policy: OriginPolicy,
) => Access | RpcError;

function createAuthentication({ keyring, failures, onAuthenticated }: GateOptions): Authentication {
  const checkCredential = createCredentialCheck(keyring);
  return (request, destination, policy) => {
    const access = repeatedHeader(request, 'authorization')
      ? sentTwice()
      : checkCredential(request, policy.port);
    if (access instanceof RpcError) return isGuess(access) ? failures.count(request, access) : access;
    if (access.via === 'session' && !mayUseCookie(request, destination, policy)) return forgery();
    const heldBack = failures.holdBack(request);
    if (heldBack) return heldBack;
    onAuthenticated(request.socket);
    return access;
  };
}

const GUESSES = new Set(['credential_invalid', 'credential_malformed']);

const isGuess = ({ reason }: RpcError): boolean => GUESSES.has(reason);

/**
 * A browser adds its cookie to whatever a page makes it send. Where something may happen or be overheard, the browser
 * has to vouch for the page as well (SEC-CSRF-3).
 */
function mayUseCookie(request: IncomingMessage, { streams }: Destination, policy: OriginPolicy): boolean {
  if (request.headers.upgrade !== undefined || streams) return isSameOrigin(request.headers, policy);
  if (isReading(request))
    return request.headers.origin === undefined || isSameOrigin(request.headers, policy);
  return isScriptOfOurs(request, policy);
}

/** The header makes a browser ask before it sends a request of another origin's page. */
const isScriptOfOurs = ({ headers }: IncomingMessage, policy: OriginPolicy): boolean =>
  headers['x-codexd-client'] === '1' && isSameOrigin(headers, policy);

const forgery = (): RpcError =>
  new RpcError(
    'forbidden',
    "a browser's request must come from codexd's own page and carry 'X-Codexd-Client: 1'",
    { reason: 'csrf_check_failed' },
  );

const sentTwice = (): RpcError =>
  new RpcError('invalidRequest', 'the Authorization header was sent twice', {
    reason: 'credential_conflict',
  });
