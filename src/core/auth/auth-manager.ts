import path from 'node:path';
import { describeSystemError } from '../config/system-error.ts';
import type { Emitter } from '../emitter.ts';
import { type FileSystem, realFileSystem } from '../files/file-system.ts';
import { watchFile } from '../files/watch-file.ts';
import type { Log } from '../log.ts';
import { createConnections } from '../model/connections.ts';
import { withApiKey } from './auth-file.ts';
import { type AuthChange, createAuthState } from './auth-state.ts';
import { createAuthStore } from './auth-store.ts';
import { AuthError } from './errors.ts';
import type { AuthMethod, ForcedMethod } from './identity.ts';
import { emailOf } from './identity.ts';
import { createIssuer } from './issuer.ts';
import { PortInUseError } from './login/callback-server.ts';
import type { LoginOutcome } from './login/chatgpt-login.ts';
import { createLogins, type Logins } from './login/logins.ts';
import { createRefresher, type RefreshOutcome } from './refresh.ts';
import { createRefreshLock } from './refresh-lock.ts';
import { createServerClock, type ServerClock } from './server-clock.ts';
import { createStoredCredential, type StoredCredential } from './stored-credential.ts';

export interface AuthManagerOptions {
  readonly codexHome: string;
  /** Of the OAuth issuer, without a trailing slash. */
  readonly issuerAddress: string;
  readonly originator: string;
  readonly userAgent: string;
  readonly env: NodeJS.ProcessEnv;
  /** The only method that the configuration allows, if it says so. */
  readonly forcedMethod?: ForcedMethod;
  readonly log: Log;
  /** Told of every secret as soon as it is known, so that no log line can carry it. */
  readonly onSecret: (secret: string) => void;
  readonly fs?: FileSystem;
  /** Told how each renewal of the login ends. Must not throw. */
  readonly onRefreshed?: (outcome: RefreshOutcome) => void;
  /** How long a login waits for its browser, in milliseconds; 10 minutes when left out. */
  readonly loginTimeLimitMs?: number;
}

/** The one identity of the daemon: who is signed in, for every client and every conversation. */
export interface AuthManager {
  /** Every change of the credentials, whoever made it, once. */
  readonly changes: Emitter<AuthChange>;
  readonly loginOutcomes: Emitter<LoginOutcome>;
  readonly credential: StoredCredential;
  readonly clock: ServerClock;
  /** What the stored token says; nobody has verified it. */
  allegedEmail(): Promise<string | undefined>;
  /** Ends a ChatGPT login that waits. Throws `AuthError`. */
  loginApiKey(apiKey: string): Promise<void>;
  /** Throws `AuthError`. */
  loginChatGpt(): Promise<{ loginId: string; authUrl: string }>;
  /** `false` when no login of that id waits. */
  cancelLogin(loginId: string): boolean;
  /** Ends a ChatGPT login that waits, and removes the credentials of this machine. Throws `AuthError`. */
  logout(): Promise<void>;
  close(): Promise<void>;
}

export function openAuthManager(options: AuthManagerOptions): AuthManager {
  const { codexHome, log, fs = realFileSystem, forcedMethod, onSecret } = options;
  const file = path.join(codexHome, 'auth.json');
  const store = createAuthStore(file, fs);
  const state = createAuthState({ store, forcedMethod, log, onSecret });
  const clock = createServerClock();
  const connections = createConnections(options.env);
  const issuer = createIssuer({
    address: options.issuerAddress,
    connections,
    headers: { originator: options.originator, 'user-agent': options.userAgent },
    onDate: clock.observe,
  });
  const lock = createRefreshLock(store.realPath, fs, log);
  const { refresh, landed } = createRefresher({
    state,
    issuer,
    lock,
    log,
    onSecret,
    ...(options.onRefreshed && { onOutcome: options.onRefreshed }),
  });
  const logins = createLogins({
    issuer,
    state,
    log,
    onSecret,
    originator: options.originator,
    ...(options.loginTimeLimitMs !== undefined && { timeLimitMs: options.loginTimeLimitMs }),
  });
  store
    .tidy()
    .catch((err: unknown) => log.warn({ err }, 'left-over files beside auth.json were not removed'));
  const watched = watchFile(file, state.sync, log);

  return {
    changes: state.changes,
    loginOutcomes: logins.outcomes,
    credential: createStoredCredential({ state, refresh, clock, log }),
    clock,
    allegedEmail: async () => emailOf(await state.sync()),

    async loginApiKey(apiKey) {
      requireAllowed('apikey', forcedMethod);
      onSecret(apiKey);
      logins.cancelAny();
      await storing('failed to save api key', () =>
        state.write('login', (before) => withApiKey(before?.document, apiKey)),
      );
    },

    async loginChatGpt() {
      requireAllowed('chatgpt', forcedMethod);
      return startLogin(logins);
    },

    cancelLogin: logins.cancel,

    async logout() {
      await storing('logout failed', () => state.write('logout', () => null));
      logins.cancelAny();
    },

    async close() {
      await watched.stop();
      state.close();
      await logins.close();
      await landed();
      await connections.destroy();
    },
  };
}

function requireAllowed(method: AuthMethod, forced: ForcedMethod): void {
  if (forced === undefined || forced === method) return;
  const allowed = forced === 'apikey' ? 'API keys' : 'ChatGPT logins';
  throw new AuthError('method_not_allowed', `the configuration allows ${allowed} only (forced_login_method)`);
}

async function startLogin(logins: Logins): Promise<{ loginId: string; authUrl: string }> {
  try {
    return await logins.start();
  } catch (cause) {
    const reason = cause instanceof PortInUseError ? 'login_port_in_use' : 'login_server_failed';
    throw new AuthError(reason, `failed to start login server: ${messageOf(cause)}`, cause);
  }
}

async function storing(failure: string, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new AuthError('storage_failed', `${failure}: ${describeSystemError(cause)}`, cause);
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
