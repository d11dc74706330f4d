import type { IncomingMessage } from 'node:http';

/** Cookies ignore ports, so that the name has to tell two daemons of one machine apart. */
const plainName = (port: number): string => `codexd_session_${port}`;
/** Browsers take the prefix only from a secure origin, for the whole host, and let no other host set it. */
const secureName = (port: number): string => `__Host-codexd_session_${port}`;

/** The session id that the browser sent; `undefined` when it sent none or two that differ. */
export function readSessionCookie({ headers }: IncomingMessage, port: number): string | undefined {
  if (headers.cookie === undefined) return undefined;
  const names = [plainName(port), secureName(port)];
  const values = headers.cookie
    .split(';')
    .map((pair) => pair.trim().split('=', 2))
    .flatMap(([name = '', value = '']) => (names.includes(name) && value !== '' ? [value] : []));
  return new Set(values).size === 1 ? values[0] : undefined;
}

export interface CookieScope {
  readonly port: number;
  /** Whether the browser talks TLS, to a proxy in front of the daemon. */
  readonly secure: boolean;
}

/** @param lifetime milliseconds */
export function sessionCookie(id: string, lifetime: number, { port, secure }: CookieScope): string {
  const name = secure ? secureName(port) : plainName(port);
  const attributes = ['HttpOnly', 'SameSite=Strict', 'Path=/', `Max-Age=${Math.floor(lifetime / 1_000)}`];
  return [`${name}=${id}`, ...attributes, ...(secure ? ['Secure'] : [])].join('; ');
}

export const withoutSessionCookie = (scope: CookieScope): string => sessionCookie('', 0, scope);
