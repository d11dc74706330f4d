import { describeSystemError } from '../config/system-error.ts';
import type { Log } from '../log.ts';
import { type Credential, ModelError } from '../model/types.ts';
import type { Tokens } from './auth-file.ts';
import type { AuthState } from './auth-state.ts';
import { freshnessOf, isProvablyValid } from './freshness.ts';
import { type AuthMethod, type Identity, signingTokens } from './identity.ts';
import { IssuerError } from './issuer-error.ts';
import type { Refresh } from './refresh.ts';
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

/** A turn repeats its requests for a while; a refresh token that was refused is not spent again in that time. */
const REMEMBER_REFUSAL_MS = 30_000;
/** Between two tries to renew tokens that are accepted still. */
const CALM_DOWN_MS = 60_000;

export function createStoredCredential(options: StoredCredentialOptions): StoredCredential {
  const { state, refresh, clock, log } = options;
  const jitter = Math.random();
  let refusal: { error: IssuerError; refreshToken: string; at: number } | undefined;
  let calmUntil = 0;

  /** The same for requests: what was refused a moment ago is not tried again. */
  async function refreshForRequest(tokens: Tokens): Promise<Identity> {
    const remembered = refusal && performance.now() - refusal.at < REMEMBER_REFUSAL_MS ? refusal : undefined;
    if (remembered?.refreshToken === tokens.refreshToken) throw remembered.error;
    try {
      return await refresh(tokens);
    } catch (error) {
      if (error instanceof IssuerError && error.refused) {
        refusal = { error, refreshToken: tokens.refreshToken, at: performance.now() };
      }
      throw error;
    }
  }

  function refreshAhead(tokens: Tokens): void {
    if (performance.now() < calmUntil) return;
    calmUntil = performance.now() + CALM_DOWN_MS;
    refreshForRequest(tokens).catch((err: unknown) =>
      log.warn({ err }, 'the login could not be refreshed ahead'),
    );
  }

  async function usable(identity: Identity): Promise<Identity> {
    const tokens = signingTokens(identity);
    const freshness = freshnessOf(identity, clock.now(), jitter);
    if (!tokens || freshness === 'fresh') return identity;
    if (freshness === 'due') return refreshForRequest(tokens).catch((error) => orStillValid(identity, error));
    refreshAhead(tokens);
    return identity;
  }

  function orStillValid(identity: Identity, error: unknown): Identity {
    if (!isProvablyValid(identity, clock.now())) throw cannotRefresh(error);
    log.warn({ err: error }, 'the login could not be refreshed');
    return identity;
  }

  async function refreshIf(wanted: boolean, identity: Identity): Promise<Identity> {
    if (!wanted || identity.method !== 'chatgpt' || !identity.tokens) return identity;
    try {
      return await refresh(identity.tokens);
    } catch (err) {
      log.warn({ err }, 'the login could not be refreshed');
      return state.sync();
    }
  }

  return {
    async current() {
      const identity = await usable(await state.sync());
      return credentialOf(identity);
    },

    async renew(rejected) {
      try {
        const tokens = signingTokens(await state.sync());
        if (tokens?.accessToken === rejected.token) await refreshForRequest(tokens);
      } catch (err) {
        log.warn({ err }, 'the login could not be refreshed');
      }
    },

    async status({ refresh: wanted }) {
      const identity = await refreshIf(wanted, await state.sync());
      const tokens = signingTokens(identity);
      const isDue = tokens && freshnessOf(identity, clock.now(), jitter) === 'due';
      if (!isDue) return statusOf(identity);
      const renewed = await refreshIf(true, identity);
      const isRenewed =
        renewed.tokens?.accessToken !== tokens.accessToken || renewed.method !== identity.method;
      return isRenewed || isProvablyValid(renewed, clock.now()) ? statusOf(renewed) : NO_STATUS;
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
