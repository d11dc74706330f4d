import type { Log } from '../log.ts';
import type { Tokens } from './auth-file.ts';
import type { Identity } from './identity.ts';
import { IssuerError } from './issuer-error.ts';
import type { Refresh } from './refresh.ts';

/** Refreshing for model requests, which are repeated again and again when they fail. */
export interface RequestRefresh {
  /** As `Refresh`, but a token that was refused a moment ago is not tried again. */
  now: Refresh;
  /** Renews tokens that are accepted still, while requests go on with them. Failures are logged. */
  ahead(tokens: Tokens): void;
}

/** A turn repeats its requests for about this long. */
const REMEMBER_REFUSAL_MS = 30_000;
/** Between two tries to renew ahead. */
const CALM_DOWN_MS = 60_000;

export function createRequestRefresh(refresh: Refresh, log: Log): RequestRefresh {
  let refusal: { error: IssuerError; refreshToken: string; at: number } | undefined;
  let calmUntil = 0;

  async function now(tokens: Tokens): Promise<Identity> {
    const { refreshToken } = tokens;
    const isRecent = refusal && performance.now() - refusal.at < REMEMBER_REFUSAL_MS;
    if (isRecent && refusal?.refreshToken === refreshToken) throw refusal.error;
    try {
      return await refresh(tokens);
    } catch (error) {
      if (error instanceof IssuerError && error.refused) {
        refusal = { error, refreshToken, at: performance.now() };
      }
      throw error;
    }
  }

  return {
    now,
    ahead(tokens) {
      if (performance.now() < calmUntil) return;
      calmUntil = performance.now() + CALM_DOWN_MS;
      now(tokens).catch((err: unknown) => log.warn({ err }, 'the login could not be refreshed ahead'));
    },
  };
}
