import type { Identity } from './identity.ts';
import { signingTokens } from './identity.ts';
import { expiryOf } from './jwt.ts';

/**
 * - `fresh`: nothing to do
 * - `ending`: accepted still, but not for much longer
 * - `due`: to be renewed before it is used
 */
export type Freshness = 'fresh' | 'ending' | 'due';

/** Tokens that were renewed longer ago are not trusted to be accepted (protocol-v1, section 20.3). */
const MAX_AGE_MS = 28 * 24 * 60 * 60 * 1000;
/** How long before the end a token is renewed (SEC-REF-3). */
const WINDOW_MS = 5 * 60 * 1000;
const JITTER_MS = 60 * 1000;

/**
 * `now` in milliseconds since 1970, `undefined` when the clock is not to be trusted: then tokens are used until they are
 * refused. `jitter` in [0, 1) makes each process have another window.
 */
export function freshnessOf(identity: Identity, now: number | undefined, jitter: number): Freshness {
  const tokens = signingTokens(identity);
  const { lastRefresh } = identity;
  if (!tokens || !lastRefresh || now === undefined) return 'fresh';
  const expiry = expiryOf(tokens.accessToken);
  if (expiry !== undefined && expiry <= now) return 'due';
  if (now - lastRefresh.getTime() > MAX_AGE_MS) return 'due';
  if (expiry !== undefined && expiry - now < WINDOW_MS + (2 * jitter - 1) * JITTER_MS) return 'ending';
  return 'fresh';
}

/** Whether the access token itself says that it is accepted still. */
export function isProvablyValid(identity: Identity, now: number | undefined): boolean {
  const tokens = signingTokens(identity);
  const expiry = tokens && expiryOf(tokens.accessToken);
  return expiry !== undefined && now !== undefined && expiry > now;
}
