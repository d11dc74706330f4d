import { isIP } from 'node:net';
import type { DaemonOptions } from '../daemon/types.ts';
import type { ServerTable } from './server-table.ts';
import { UsageError } from './usage-error.ts';

export type Exposure = NonNullable<DaemonOptions['exposure']>;

/** Flags of `serve` that let more in than this machine's own names. */
export interface ExposureFlags {
  readonly allowedHost?: readonly string[];
  readonly allowedOrigin?: readonly string[];
  readonly publicUrl?: string;
  readonly trustProxy?: readonly string[];
}

/**
 * What the flags say, else `-c`, else the file.
 *
 * @throws {UsageError} names the setting and the value that cannot be
 */
export function resolveExposure(flags: ExposureFlags, given: ServerTable, file: ServerTable): Exposure {
  const hosts = flags.allowedHost ?? given.allowed_hosts ?? file.allowed_hosts ?? [];
  const origins = flags.allowedOrigin ?? given.allowed_origins ?? file.allowed_origins ?? [];
  const publicUrl = flags.publicUrl ?? given.public_url ?? file.public_url;
  const proxies = flags.trustProxy ?? given.trust_proxy ?? file.trust_proxy ?? [];
  return {
    allowedHosts: hosts.map(checkHost),
    allowedOrigins: origins.map((origin) => checkOrigin('--allowed-origin', origin)),
    publicUrl: publicUrl === undefined ? undefined : checkOrigin('--public-url', publicUrl),
    trustedProxies: proxies.map(checkNetwork),
  };
}

function checkHost(name: string): string {
  if (/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(name) || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0)
    return name;
  throw new UsageError(
    `--allowed-host ${name}: a host name without scheme, port or wildcard, as codexd.internal`,
  );
}

/** Exactly what a browser sends: any other spelling would never match, and a pattern would match too much. */
function checkOrigin(setting: string, origin: string): string {
  const url = URL.parse(origin);
  if (url && /^https?:$/.test(url.protocol) && !/[*?#@]/.test(origin) && `${url.origin}/` === url.href) {
    return url.origin;
  }
  throw new UsageError(
    `${setting} ${origin}: an origin has a scheme, a host and perhaps a port, as https://app.example:8443`,
  );
}

function checkNetwork(network: string): string {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(network) ?? [];
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  if (family !== 0 && (bits === undefined || Number(bits) <= most)) return network;
  throw new UsageError(`--trust-proxy ${network}: an address or a network, as 127.0.0.1 or 10.0.0.0/8`);
}
