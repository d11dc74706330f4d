import type { IncomingMessage } from 'node:http';
import { RpcError } from '../protocol/errors.ts';
import { isFileGuarded } from './connections.ts';
import { createCredentialCheck } from './credential.ts';
import { repeatedHeader } from './headers.ts';
import { type HostPolicy, isAllowedHost, targetAuthority } from './host.ts';
import { isAllowedOrigin } from './origin.ts';

export interface GateOptions {
  readonly token: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  /** Address of the TCP listener; asked for at the first request. */
  readonly address: () => { address: string; port: number };
  /** Why nobody is let in at the moment: shutting down, or too many connections. */
  readonly closedBecause: () => RpcError | undefined;
}

/** What is known of the route when a request comes in; `url` is its pattern, absent when there is none. */
export interface Destination {
  readonly url: string | undefined;
}

/** Returns the error to refuse the request with, if it is to be refused. */
export type Gate = (request: IncomingMessage, destination: Destination) => RpcError | undefined;

const PUBLIC = new Set(['/healthz', '/readyz']);

/**
 * The one gate of every way in: HTTP, WebSocket upgrades, the unix socket and addresses that do not exist. The order
 * of the checks decides the answer: limits, Host, Origin, credential.
 */
export function createGate(options: GateOptions): Gate {
  const checkCredential = createCredentialCheck(options.token);
  let policy: HostPolicy | undefined;
  const currentPolicy = () => (policy ??= toPolicy(options));
  return (request, destination) => {
    const isOpen = PUBLIC.has(destination.url ?? '') && isReading(request);
    const guarded = isFileGuarded(request.socket);
    return (
      options.closedBecause() ??
      (guarded ? undefined : checkHost(request, currentPolicy())) ??
      checkOrigin(request, options.allowedOrigins, currentPolicy().port, isOpen) ??
      (isOpen || guarded ? undefined : checkAuthorization(request, checkCredential))
    );
  };
}

function toPolicy({ address, allowedHosts }: GateOptions): HostPolicy {
  const bound = address();
  return { bound: bound.address, port: bound.port, allowed: allowedHosts.map((name) => name.toLowerCase()) };
}

const isReading = ({ method }: IncomingMessage): boolean => method === 'GET' || method === 'HEAD';

function checkHost(request: IncomingMessage, policy: HostPolicy): RpcError | undefined {
  const { host } = request.headers;
  if (host === undefined) return badHost('the Host header is missing');
  if (repeatedHeader(request, 'host')) return badHost('the Host header was sent twice');
  const authority = targetAuthority(request.url ?? '');
  if (authority !== undefined && authority.toLowerCase() !== host.toLowerCase()) {
    return badHost('the request target names another host than the Host header');
  }
  if (isAllowedHost(host, policy)) return undefined;
  return new RpcError(
    'misdirected',
    'the Host header names a host that this daemon does not answer to; codexd serve --allowed-host NAME allows one',
  );
}

const badHost = (message: string): RpcError =>
  new RpcError('invalidRequest', message, { reason: 'host_malformed' });

function checkOrigin(
  request: IncomingMessage,
  allowed: readonly string[],
  port: number,
  isOpen: boolean,
): RpcError | undefined {
  const { origin } = request.headers;
  // Public answers tell a page nothing, so that only its explicit `Origin` is looked at.
  const headers = isOpen ? { ...(origin !== undefined && { origin }) } : request.headers;
  const [path = ''] = (request.url ?? '').split('?');
  if (isAllowedOrigin(headers, { port, allowed }, { method: request.method ?? '', path })) return undefined;
  return new RpcError(
    'forbidden',
    'requests from pages of other sites are refused; codexd serve --allowed-origin ORIGIN allows one',
    { reason: 'origin_not_allowed' },
  );
}

function checkAuthorization(
  request: IncomingMessage,
  checkCredential: (request: IncomingMessage) => RpcError | undefined,
): RpcError | undefined {
  if (!repeatedHeader(request, 'authorization')) return checkCredential(request);
  return new RpcError('invalidRequest', 'the Authorization header was sent twice', {
    reason: 'credential_conflict',
  });
}
