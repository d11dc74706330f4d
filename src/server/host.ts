import { isIPv4 } from 'node:net';

/** Where the daemon listens and which further names it answers to. */
export interface HostPolicy {
  /** IP address that the listener is bound to. */
  readonly bound: string;
  readonly port: number;
  /** Names that were allowed on purpose, lower case, without port. */
  readonly allowed: readonly string[];
  /** Host and port of the public URL, as browsers send them. */
  readonly publicHost?: string | undefined;
}

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::([1-9]\d{0,4}))?$/i;

/**
 * Whether the daemon answers under this `Host`. A name that merely resolves to the loopback interface is not enough: a
 * web page may own it (DNS rebinding). Compares parsed values, never prefixes.
 */
export function isAllowedHost(header: string, policy: HostPolicy): boolean {
  const parts = HOST.exec(header);
  if (!parts) return false;
  if (header.toLowerCase() === policy.publicHost) return true;
  const [, host = '', port] = parts;
  return (port === undefined || Number(port) === policy.port) && isOwnName(host.toLowerCase(), policy);
}

function isOwnName(host: string, policy: HostPolicy): boolean {
  if (host === 'localhost' || host === '[::1]' || isLoopbackIPv4(host)) return true;
  return host === asHost(policy.bound) || policy.allowed.includes(host);
}

/** The same of many headers, of which hardly any differs from the one before. */
export function createHostCheck(policy: HostPolicy): (header: string) => boolean {
  let latest: string | undefined;
  return (header) => {
    if (header === latest) return true;
    if (!isAllowedHost(header, policy)) return false;
    latest = header;
    return true;
  };
}

const isLoopbackIPv4 = (host: string): boolean => isIPv4(host) && host.split('.')[0] === '127';

/** IPv6 addresses are bracketed in URLs and in `Host`. */
export const asHost = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/**
 * Authority of an absolute-form request target (`GET http://host/path`), which outranks `Host` for some servers and
 * is ignored by others, so the two must not differ. `undefined` for the usual origin form.
 */
export function targetAuthority(target: string): string | undefined {
  return /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(target)?.[1];
}
