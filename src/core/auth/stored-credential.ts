import { describeSystemError } from '../config/system-error.ts';
import type { Log } from '../log.ts';
import { type Credential, ModelError } from '../model/types.ts';
import type { AuthState } from './auth-state.ts';
import { freshnessOf, isProvablyValid } from './freshness.ts';
import { type AuthMethod, type Identity, signingTokens } from './identity.ts';
import { IssuerError } from './issuer-error.ts';
import type { Refresh } from './refresh.ts';
import { createRequestRefresh } from './request-refresh.ts';
import type { ServerClock } from './server-clock.ts';

/** What the stored login gives to those who use it; looked at anew each time. */
export interface StoredCredential {
  /** For one model request; `undefined` when nobody is signed in. Throws `ModelError`. */
  current(): Promise<Credential | undefined>;
  /** To be called when a provider answered 401 to it. A failure is logged: the provider's answer says enough. */
  renew(rejected: Credential): Promise<void>;
  /** For clients. `token` only together with a method. Never fails because of the issuer. */
  status(options: { refresh: boolean }): Promise<AuthStatus>;
}

export interface AuthStatus {
  readonly method: AuthMethod | undefined;
  readonly token: string | undefined;
}

export interface StoredCredentialOptions {
  readonly state: AuthState;
  readonly refresh: Refresh;
  readonly clock: ServerClock;
  readonly log: Log;
}

export function createStoredCredential(options: StoredCredentialOptions): StoredCredential {
  const { state, refresh, clock, log } = options;
  const jitter = Math.random();
  const forRequests = createRequestRefresh(refresh, log);

  async function usable(identity: Identity): Promise<Identity> {
    const tokens = signingTokens(identity);
    const freshness = freshnessOf(identity, clock.now(), jitter);
    if (!tokens || freshness === 'fresh') return identity;
    if (freshness === 'due') return forRequests.now(tokens).catch((error) => orStillValid(identity, error));
    forRequests.ahead(tokens);
    return identity;
  }

  function orStillValid(identity: Identity, error: unknown): Identity {
    if (!isUsable(identity)) {
      loseIfRefused(identity, error);
      throw cannotRefresh(error);
    }
    log.warn({ err: error }, 'the login could not be refreshed');
    return identity;
  }

  function loseIfRefused({ tokens }: Identity, error: unknown): void {
    if (tokens && error instanceof IssuerError && error.refused) state.lose(tokens);
  }

  /** Tokens that are accepted still go on serving, whatever became of their renewal (SEC-REF-3). */
  function isUsable(identity: Identity): boolean {
    const isDue = freshnessOf(identity, clock.now(), jitter) === 'due';
    return !identity.isLost && (!isDue || isProvablyValid(identity, clock.now()));
  }

  async function renewFor(rejected: Credential): Promise<void> {
    const identity = await state.sync();
    const tokens = signingTokens(identity);
    if (tokens?.accessToken !== rejected.token) return;
    try {
      await forRequests.now(tokens);
    } catch (error) {
      loseIfRefused(identity, error);
      throw error;
    }
  }

  async function statusAfterRefresh(identity: Identity): Promise<AuthStatus> {
    if (identity.method !== 'chatgpt' || !identity.tokens) return statusOf(identity);
    try {
      return statusOf(await refresh(identity.tokens));
    } catch (err) {
      log.warn({ err }, 'the login could not be refreshed');
      if (!isUsable(identity)) loseIfRefused(identity, err);
      const found = await state.sync();
      return isUsable(found) ? statusOf(found) : NO_STATUS;
    }
  }

  return {
    async current() {
      return credentialOf(await usable(await state.sync()));
    },

    async renew(rejected) {
      await renewFor(rejected).catch((err: unknown) => log.warn({ err }, 'the login could not be refreshed'));
    },

    async status({ refresh: wanted }) {
      const identity = await state.sync();
      const isDue = freshnessOf(identity, clock.now(), jitter) === 'due';
      if (wanted || isDue) return statusAfterRefresh(identity);
      return identity.isLost ? NO_STATUS : statusOf(identity);
    },
  };
}

const NO_STATUS: AuthStatus = { method: undefined, token: undefined };

/** A login without a token to show is announced as none (protocol-v1, section 20.2). */
function statusOf(identity: Identity): AuthStatus {
  const token = identity.method === 'apikey' ? identity.apiKey : signingTokens(identity)?.accessToken;
  return token ? { method: identity.method, token } : NO_STATUS;
}

function credentialOf(identity: Identity): Credential | undefined {
  const { method, apiKey } = identity;
  if (method === undefined) return undefined;
  if (method === 'apikey') return apiKey ? { mode: 'apikey', token: apiKey } : undefined;
  const tokens = signingTokens(identity);
  if (!tokens) throw new ModelError('Token data is not available.', { retryable: true });
  return { mode: 'chatgpt', token: tokens.accessToken, accountId: tokens.accountId };
}

function cannotRefresh(error: unknown): ModelError {
  const reason = error instanceof IssuerError ? (error.status ?? error.message) : describeSystemError(error);
  return new ModelError(`Failed to refresh token: ${reason}`, { retryable: true, cause: error });
}
