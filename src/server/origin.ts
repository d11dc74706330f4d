import type { IncomingHttpHeaders } from 'node:http';

export interface OriginPolicy {
  readonly port: number;
  /** Origins that were allowed on purpose: scheme, host and port, as browsers write them. */
  readonly allowed: readonly string[];
}

/** Pages that a link on another site may lead to; they hold no data of the user. */
const PAGES = new Set(['/', '/docs']);

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
  if (origin !== undefined && !isOwnOrigin(origin, policy.port)) return false;
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return true;
  return isNavigation(headers) && target.method === 'GET' && PAGES.has(target.path);
}

function isOwnOrigin(origin: string, port: number): boolean {
  const own = ['localhost', '127.0.0.1', '[::1]'].map((host) => `http://${host}:${port}`);
  return own.includes(origin);
}

const isNavigation = (headers: IncomingHttpHeaders): boolean =>
  headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
