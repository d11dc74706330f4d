import type { StoredAuth, Tokens } from './auth-file.ts';
import { readClaims } from './jwt.ts';

export type AuthMethod = 'apikey' | 'chatgpt';

/** Key `forced_login_method` of the configuration, as releases after 0.36 have it. */
export type ForcedMethod = AuthMethod | undefined;

/** Who is signed in, at one moment. Never changed, only replaced by the next revision. */
export interface Identity {
  /** Counts up with every change of the credentials. */
  readonly revision: number;
  /** `undefined` when nobody is signed in, and for a file that cannot be understood. */
  readonly method: AuthMethod | undefined;
  /** Set for the method `apikey`; may be empty. */
  readonly apiKey: string | undefined;
  /** There for the method `chatgpt`, and beside an API key from the same login. */
  readonly tokens: Tokens | undefined;
  readonly lastRefresh: Date | undefined;
  /** The access token is not accepted any more and the issuer gives no other for it: nobody is signed in with it. */
  readonly isLost: boolean;
}

export const SIGNED_OUT: Identity = Object.freeze({
  revision: 0,
  method: undefined,
  apiKey: undefined,
  tokens: undefined,
  lastRefresh: undefined,
  isLost: false,
});

/**
 * The identity that a file stands for: an API key wins over tokens (protocol-v1, section 20.1), unless the
 * configuration allows one method only. A file without either counts as an unfinished ChatGPT login, as in the reference.
 */
export function identityOf(stored: StoredAuth | undefined, revision: number, forced: ForcedMethod): Identity {
  if (!stored) return Object.freeze({ ...SIGNED_OUT, revision });
  const { tokens, lastRefresh } = stored;
  const method = stored.apiKey !== undefined && forced !== 'chatgpt' ? 'apikey' : 'chatgpt';
  if (forced === 'apikey' && method === 'chatgpt') return Object.freeze({ ...SIGNED_OUT, revision });
  const apiKey = method === 'apikey' ? stored.apiKey : undefined;
  return Object.freeze({ revision, method, apiKey, tokens, lastRefresh, isLost: false });
}

/** Whether both stand for the same moment of the same login. */
export function sameTokens(a: Tokens | undefined, b: Tokens): boolean {
  return a?.refreshToken === b.refreshToken && a.accessToken === b.accessToken;
}

/** Whether both are signed in with the same secrets. */
export function sameCredentials(a: Identity, b: Identity): boolean {
  return (
    a.method === b.method &&
    a.apiKey === b.apiKey &&
    a.tokens?.idToken === b.tokens?.idToken &&
    a.tokens?.accessToken === b.tokens?.accessToken &&
    a.tokens?.refreshToken === b.tokens?.refreshToken &&
    a.tokens?.accountId === b.tokens?.accountId
  );
}

/** The tokens that requests are signed with: none in API key mode, and none that were never dated. */
export function signingTokens({ method, tokens, lastRefresh }: Identity): Tokens | undefined {
  return method === 'chatgpt' && lastRefresh ? tokens : undefined;
}

/** Not verified by anybody: what the issuer's token says. */
export function emailOf({ tokens }: Identity): string | undefined {
  return tokens && readClaims(tokens.idToken)?.email;
}

export function secretsOf({ apiKey, tokens }: Pick<StoredAuth, 'apiKey' | 'tokens'>): string[] {
  const all = [apiKey, tokens?.idToken, tokens?.accessToken, tokens?.refreshToken];
  return all.flatMap((secret) => secret || []);
}
