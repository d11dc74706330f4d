import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { type RenewedTokens, type Tokens, withRenewal } from './auth-file.ts';
import type { AuthState } from './auth-state.ts';
import { type Identity, sameTokens } from './identity.ts';
import type { Issuer } from './issuer.ts';
import { IssuerError } from './issuer-error.ts';
import type { RefreshLock } from './refresh-lock.ts';

export interface RefreshOptions {
  readonly state: AuthState;
  readonly issuer: Issuer;
  readonly lock: RefreshLock;
  readonly log: Log;
  readonly onSecret: (secret: string) => void;
  /** Told how each flight ends. Must not throw. */
  readonly onOutcome?: (outcome: RefreshOutcome) => void;
}

/**
 * - `renewed`: the issuer gave new tokens
 * - `adopted`: another program had renewed them, and nothing was asked
 * - `refused`: the issuer does not take the token any more
 * - `failed`: anything else, such as an issuer that cannot be reached
 */
export type RefreshOutcome = 'renewed' | 'adopted' | 'refused' | 'failed';

/**
 * Renews the tokens, unless somebody has done it meanwhile, and returns the identity that is then on disk; it may be
 * another one, or none. Calls at the same time share one flight. Throws `IssuerError`, and the system's errors when the
 * new tokens could not be stored.
 */
export type Refresh = (outdated: Tokens) => Promise<Identity>;

export interface Refresher {
  readonly refresh: Refresh;
  /** Waits for the flight under way to land, but not for ever: to break it off may lose the answer to a spent token. */
  landed(): Promise<void>;
}

/** How long to wait for the program that has spent our token to write down what it got for it (SEC-REF-2). */
const RECOVERY_MS = 2000;
const LOOK_AGAIN_MS = 100;
/** A daemon that is told to stop has this much time for it. */
const LANDING_MS = 3000;

export function createRefresher(options: RefreshOptions): Refresher {
  const renewUnderLock = createRenewal(options);
  let flight: { outdated: Tokens; outcome: Promise<Identity> } | undefined;

  const { onOutcome = () => {} } = options;

  async function renew(outdated: Tokens): Promise<Identity> {
    try {
      const { identity, isRenewed } = await renewUnderLock(outdated);
      onOutcome(isRenewed ? 'renewed' : 'adopted');
      return identity;
    } catch (error) {
      onOutcome(error instanceof IssuerError && error.refused ? 'refused' : 'failed');
      if (!(error instanceof IssuerError) || !error.refused) throw error;
      options.log.debug({}, 'the refresh token was refused; another program may have spent it');
      return await replacement(outdated, options.state, error);
    }
  }

  return {
    async refresh(outdated) {
      while (flight && !sameTokens(flight.outdated, outdated)) await flight.outcome.catch(() => undefined);
      flight ??= {
        outdated,
        outcome: renew(outdated).finally(() => {
          flight = undefined;
        }),
      };
      return flight.outcome;
    },
    async landed() {
      const patience = pause(LANDING_MS, undefined, { ref: false });
      await Promise.race([flight?.outcome.catch(() => undefined), patience]);
    },
  };
}

type Renewal = (outdated: Tokens) => Promise<{ identity: Identity; isRenewed: boolean }>;

/** The part during which no other process refreshes the same login. */
function createRenewal({ state, issuer, lock, log, onSecret }: RefreshOptions): Renewal {
  /** What the issuer gave and could not be stored; asking again would spend a token that is spent. */
  let unstored: { outdated: Tokens; renewed: RenewedTokens } | undefined;

  async function ask(outdated: Tokens): Promise<RenewedTokens> {
    if (unstored && sameTokens(unstored.outdated, outdated)) return unstored.renewed;
    const renewed = await issuer.refresh(outdated.refreshToken);
    for (const secret of Object.values(renewed)) onSecret(secret);
    unstored = { outdated, renewed };
    return renewed;
  }

  return async (outdated) => {
    const release = await lock();
    try {
      const identity = await state.sync();
      if (!sameTokens(identity.tokens, outdated)) return { identity, isRenewed: false };
      const stored = await store(outdated, await ask(outdated), state);
      unstored = undefined;
      log.debug({ revision: stored.revision }, 'the login was refreshed');
      return { identity: stored, isRenewed: true };
    } finally {
      release();
    }
  };
}

/** A login or logout that came between is newer than what we got, and stays. */
function store(outdated: Tokens, renewed: RenewedTokens, state: AuthState): Promise<Identity> {
  return state.write('refresh', (stored) =>
    stored && sameTokens(stored.tokens, outdated)
      ? withRenewal(stored.document, renewed, new Date())
      : undefined,
  );
}

async function replacement(spent: Tokens, state: AuthState, refusal: IssuerError): Promise<Identity> {
  for (let waited = 0; ; waited += LOOK_AGAIN_MS) {
    const identity = await state.sync();
    if (!sameTokens(identity.tokens, spent)) return identity;
    if (waited >= RECOVERY_MS) throw refusal;
    await pause(LOOK_AGAIN_MS);
  }
}
