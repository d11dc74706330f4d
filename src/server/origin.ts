import type { IncomingHttpHeaders } from 'node:http';

export interface OriginPolicy {
  readonly port: number;
  /** Origin under which a proxy shows the daemon; one of its own. */
  readonly publicUrl?: string | undefined;
  /** Origins that were allowed on purpose: scheme, host and port, as browsers write them. */
  readonly allowed: readonly string[];
}

/** Pages that a link on another site may lead to; they hold no data of the user. */
const PAGES = new Set(['/', '/docs']);

export const isPage = (path: string): boolean => PAGES.has(path);

/**
 * Whether a browser page may be behind this request. Requests of programs carry neither `Origin` nor
 * `Sec-Fetch-Site` and pass. Another port on localhost is another site; `null` and empty are foreign.
 */
export function isAllowedOrigin(
  headers: IncomingHttpHeaders,
  policy: OriginPolicy,
  target: { method: string; path: string },
): boolean {
  const { origin } = headers;
  if (origin !== undefined && policy.allowed.includes(origin)) return true;
  if (origin !== undefined && !isOwnOrigin(origin, policy)) return false;
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  return isNavigation(headers) && target.method === 'GET' && isPage(target.path);
}

function isOwnOrigin(origin: string, { port, publicUrl }: OriginPolicy): boolean {
  const own = ['localhost', '127.0.0.1', '[::1]'].map((host) => `http://${host}:${port}`);
  return own.includes(origin) || origin === publicUrl;
}

/** Whether the browser vouches that a page of the daemon's own sends this. Without a sign of it: no. */
export function isSameOrigin(headers: IncomingHttpHeaders, policy: OriginPolicy): boolean {
  const { origin } = headers;
  if (origin !== undefined) return isOwnOrigin(origin, policy);
  return headers['sec-fetch-site'] === 'same-origin';
}

const isNavigation = (headers: IncomingHttpHeaders): boolean =>
  headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
