import { setTimeout as pause } from 'node:timers/promises';
import { Emitter } from '../emitter.ts';
import type { Log } from '../log.ts';
import {
  type AuthDocument,
  formatAuthFile,
  parseAuthFile,
  type StoredAuth,
  type Tokens,
} from './auth-file.ts';
import { ABSENT, type AuthStore, type StoredText } from './auth-store.ts';
import {
  type ForcedMethod,
  type Identity,
  identityOf,
  SIGNED_OUT,
  sameCredentials,
  sameTokens,
  secretsOf,
} from './identity.ts';
import { createQueue } from './queue.ts';

/**
 * Who changed the credentials: a client of ours by logging in or out, our own refresh, or another program; or the
 * issuer, who refused to renew them.
 */
export type AuthCause = 'login' | 'logout' | 'refresh' | 'outside' | 'refused';

export interface AuthChange {
  readonly cause: AuthCause;
  readonly identity: Identity;
}

type WritingCause = Exclude<AuthCause, 'outside' | 'refused'>;

/** Decides on the next content of the file; `null` removes it, `undefined` leaves it alone. */
export type Edit = (stored: StoredAuth | undefined) => AuthDocument | null | undefined;

/** The one truth about who is signed in: read from disk, changed in one place, one change after another. */
export interface AuthState {
  readonly changes: Emitter<AuthChange>;
  /**
   * The identity after a look at the file. A file that cannot be understood counts as being written for up to a
   * second, with the credentials known before it still in force; only the first look waits for the end of that.
   */
  sync(): Promise<Identity>;
  /**
   * Writes the file, durably, and then makes it the truth; `beforeNews` runs between the two. Throws the system's
   * errors, and nothing has changed then.
   */
  write(cause: WritingCause, edit: Edit, beforeNews?: () => void): Promise<Identity>;
  /** Counts the login as lost from now on, until others are stored; the file stays. News at the first time only. */
  lose(tokens: Tokens): void;
  close(): void;
}

export interface AuthStateOptions {
  readonly store: AuthStore;
  readonly forcedMethod: ForcedMethod;
  readonly log: Log;
  /** Told of every secret before anything is done with it. */
  readonly onSecret: (secret: string) => void;
}

/** How long a file that cannot be understood counts as half written (SEC-REF-5). */
const HALF_WRITTEN_MS = 1000;
const LOOK_AGAIN_MS = 50;
const NEVER_SEEN = '';

export function createAuthState({ store, forcedMethod, log, onSecret }: AuthStateOptions): AuthState {
  const changes = new Emitter<AuthChange>((err) => log.error({ err }, 'a listener of the login failed'));
  const inTurn = createQueue();
  const warnOfMode = modeWarning(log);
  let identity = SIGNED_OUT;
  let seen = NEVER_SEEN;
  let brokenSince: number | undefined;
  let nextLook: NodeJS.Timeout | undefined;

  function adopt(stored: StoredAuth | undefined, fingerprint: string, cause: AuthCause): void {
    const next = identityOf(stored, identity.revision + 1, forcedMethod);
    const same = sameCredentials(identity, next);
    const isNews = cause !== 'outside' || (!same && seen !== NEVER_SEEN);
    if (stored) for (const secret of secretsOf(stored)) onSecret(secret);
    const isLost = same && cause === 'outside' && identity.isLost;
    identity = same ? Object.freeze({ ...next, revision: identity.revision, isLost }) : next;
    seen = fingerprint;
    if (isNews) changes.emit({ cause, identity });
  }

  async function look(): Promise<void> {
    const found = await readOrExplain(store, seen, log);
    if (!found) return settle();
    const stored = parse(found);
    if (isBroken(found, stored) && !patienceIsOver()) return lookSoon();
    if (isBroken(found, stored)) log.warn({}, 'auth.json cannot be understood: nobody is signed in');
    settle();
    warnOfMode(found);
    adopt(stored, found.fingerprint, 'outside');
  }

  function patienceIsOver(): boolean {
    brokenSince ??= performance.now();
    return performance.now() - brokenSince >= HALF_WRITTEN_MS;
  }

  function settle(): void {
    brokenSince = undefined;
    clearTimeout(nextLook);
  }

  function lookSoon(): void {
    clearTimeout(nextLook);
    nextLook = setTimeout(() => void inTurn(look), LOOK_AGAIN_MS).unref();
  }

  function lose(tokens: Tokens): void {
    if (identity.isLost || !identity.tokens || !sameTokens(identity.tokens, tokens)) return;
    identity = Object.freeze({ ...identity, revision: identity.revision + 1, isLost: true });
    changes.emit({ cause: 'refused', identity });
  }

  async function write(cause: WritingCause, edit: Edit, beforeNews?: () => void): Promise<void> {
    const document = edit(await readSettled(store));
    if (document === undefined) return look();
    const text = document && formatAuthFile(document);
    const stored = text === null ? undefined : parseAuthFile(text);
    if (stored) for (const secret of secretsOf(stored)) onSecret(secret);
    const fingerprint = text === null ? await remove(store) : await store.replace(text);
    settle();
    beforeNews?.();
    adopt(stored, fingerprint, cause);
  }

  async function firstLook(): Promise<void> {
    while (seen === NEVER_SEEN) {
      await inTurn(look);
      if (seen === NEVER_SEEN) await pause(LOOK_AGAIN_MS);
    }
  }

  return {
    changes,
    async sync() {
      await (seen === NEVER_SEEN ? firstLook() : inTurn(look));
      return identity;
    },
    async write(cause, edit, beforeNews) {
      await inTurn(() => write(cause, edit, beforeNews));
      return identity;
    },
    lose,
    close: () => clearTimeout(nextLook),
  };
}

const parse = ({ text }: StoredText): StoredAuth | undefined =>
  text === undefined ? undefined : parseAuthFile(text);

const isBroken = ({ text }: StoredText, stored: StoredAuth | undefined): boolean =>
  text !== undefined && stored === undefined;

/** A file that cannot be read at all is a broken one. */
async function readOrExplain(store: AuthStore, seen: string, log: Log): Promise<StoredText | undefined> {
  try {
    return await store.readUnless(seen);
  } catch (err) {
    const fingerprint = `unreadable ${String(err)}`;
    if (fingerprint === seen) return undefined;
    log.warn({ err }, 'auth.json cannot be read');
    return { fingerprint, text: '', mode: 0 };
  }
}

/** The file as it is when nobody is in the middle of writing it; what stays broken is as good as none. */
async function readSettled(store: AuthStore): Promise<StoredAuth | undefined> {
  for (let waited = 0; ; waited += LOOK_AGAIN_MS) {
    const found = await store.readUnless(NEVER_SEEN);
    if (!found) return undefined;
    const stored = parse(found);
    if (!isBroken(found, stored) || waited >= HALF_WRITTEN_MS) return stored;
    await pause(LOOK_AGAIN_MS);
  }
}

async function remove(store: AuthStore): Promise<string> {
  await store.remove();
  return ABSENT;
}

/** Said once: the file is shared, so it is read nevertheless (SEC-FS-2). */
function modeWarning(log: Log): (found: StoredText) => void {
  let warned = false;
  return ({ mode }) => {
    if (warned || (mode & 0o077) === 0) return;
    warned = true;
    log.warn(
      { mode: mode.toString(8) },
      'auth.json is open to other users; it becomes private when the login next changes',
    );
  };
}
