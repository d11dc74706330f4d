import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { Log } from '../../log.ts';
import { withLogin } from '../auth-file.ts';
import type { AuthState } from '../auth-state.ts';
import { CLIENT_ID, type IssuedTokens, type Issuer } from '../issuer.ts';
import { DEFAULT_ISSUER } from '../issuer-address.ts';
import { IssuerError } from '../issuer-error.ts';
import { readClaims } from '../jwt.ts';
import { authorizeUrl, REDIRECT_URI, successUrl } from './addresses.ts';
import type { CallbackRoutes } from './callback-server.ts';
import { type Page, redirectTo, successPage, textPage } from './pages.ts';
import { drawLoginSecrets, type LoginSecrets } from './pkce.ts';

/** How a login ended. `error` in the words that clients get (protocol-v1, section 20.5). */
export type LoginOutcome =
  | { readonly loginId: string; readonly success: true }
  | { readonly loginId: string; readonly success: false; readonly error: string };

/** One attempt of the user to sign in with a browser. */
export interface ChatGptLogin {
  readonly id: string;
  readonly authUrl: string;
  readonly routes: CallbackRoutes;
  readonly isOver: boolean;
  /** Ends the login if it is not over; nothing is stored from then on. */
  fail(error: string): void;
}

export interface ChatGptLoginOptions {
  readonly issuer: Issuer;
  readonly state: AuthState;
  readonly originator: string;
  readonly log: Log;
  /** Told of every secret before anything is done with it. */
  readonly onSecret: (secret: string) => void;
  /** Called once; for a success between the storing of the tokens and the news of them. */
  readonly onOutcome: (outcome: LoginOutcome) => void;
  /** The success page was shown. */
  readonly onShown: () => void;
}

export const CANCELLED = 'Login server error: Login cancelled';

export function createChatGptLogin(options: ChatGptLoginOptions): ChatGptLogin {
  const id = randomUUID();
  const secrets = drawLoginSecrets();
  const attempt = createAttempt(id, options.onOutcome);
  let completing: Promise<Page> | undefined;
  for (const secret of [secrets.state, secrets.codeVerifier]) options.onSecret(secret);

  return {
    id,
    authUrl: authorizeUrl(options.issuer.address, secrets, options.originator),
    fail: attempt.fail,
    get isOver() {
      return attempt.signal.aborted;
    },
    routes: {
      async callback(query) {
        // A login that is over has used its state: it opens nothing twice (SEC-OAUTH-1).
        const isOurs = isEqual(query.get('state') ?? '', secrets.state);
        if (attempt.signal.aborted || !isOurs) return textPage(400, 'State mismatch');
        const code = query.get('code');
        if (!code) return textPage(400, 'Missing authorization code');
        // A page that is reloaded while we ask the issuer gets the same answer; the code is not spent twice.
        completing ??= complete(code, secrets, attempt, options).finally(() => {
          completing = undefined;
        });
        return completing;
      },
      success() {
        if (!attempt.succeeded) return textPage(400, 'The login is not complete');
        options.onShown();
        return successPage;
      },
      cancel() {
        attempt.fail(CANCELLED);
        return textPage(200, 'Login cancelled');
      },
    },
  };
}

/** Ends once, in one way. From `beginStoring` on it can no longer be made to fail, except by the storing itself. */
interface Attempt {
  /** Aborted when it has ended. */
  readonly signal: AbortSignal;
  readonly succeeded: boolean;
  /** `false` when it has ended already. */
  beginStoring(): boolean;
  storingFailed(): void;
  succeed(): void;
  fail(error: string): void;
}

function createAttempt(loginId: string, onOutcome: (outcome: LoginOutcome) => void): Attempt {
  const ended = new AbortController();
  let storing = false;
  let succeeded = false;
  return {
    signal: ended.signal,
    get succeeded() {
      return succeeded;
    },
    beginStoring() {
      storing = !ended.signal.aborted;
      return storing;
    },
    storingFailed() {
      storing = false;
    },
    succeed() {
      succeeded = true;
      ended.abort();
      onOutcome({ loginId, success: true });
    },
    fail(error) {
      if (storing || ended.signal.aborted) return;
      ended.abort();
      onOutcome({ loginId, success: false, error });
    },
  };
}

/** From the code to the stored tokens. What the issuer refuses leaves the login open. */
async function complete(
  code: string,
  secrets: LoginSecrets,
  attempt: Attempt,
  options: ChatGptLoginOptions,
): Promise<Page> {
  const { issuer, onSecret, log } = options;
  const { signal } = attempt;
  onSecret(code);
  let tokens: IssuedTokens;
  try {
    const grant = { code, redirectUri: REDIRECT_URI, codeVerifier: secrets.codeVerifier };
    tokens = await issuer.exchangeCode(grant, signal);
  } catch (error) {
    if (!(error instanceof IssuerError)) throw error;
    log.warn({ err: error }, 'a login was refused by the issuer');
    const reason =
      error.status === undefined ? error.message : `token endpoint returned status ${error.status}`;
    return textPage(500, `Token exchange failed: ${reason}`);
  }
  for (const secret of Object.values(tokens)) onSecret(secret);
  const apiKey = await exchangeApiKey(tokens.idToken, signal, options);
  const fault = faultIn(tokens.idToken, issuer.address);
  if (fault !== undefined) return textPage(500, `Unable to persist auth file: ${fault}`);
  return store(tokens, apiKey, attempt, options);
}

/** Accounts without an organisation get none, and use their tokens. */
async function exchangeApiKey(
  idToken: string,
  signal: AbortSignal,
  { issuer, onSecret, log }: ChatGptLoginOptions,
): Promise<string | undefined> {
  try {
    const apiKey = await issuer.exchangeApiKey(idToken, signal);
    onSecret(apiKey);
    return apiKey;
  } catch (error) {
    if (!(error instanceof IssuerError)) throw error;
    log.debug({ err: error }, 'the login comes without an API key');
    return undefined;
  }
}

/** What speaks against the token being one for us, as far as it says (SEC-OAUTH-4). */
function faultIn(idToken: string, issuer: string): string | undefined {
  const claims = readClaims(idToken);
  if (!claims) return 'invalid ID token format';
  const { iss, aud } = claims;
  if (iss !== undefined && ![issuer, DEFAULT_ISSUER].includes(iss.replace(/\/$/, ''))) {
    return 'the ID token is from another issuer';
  }
  return aud === undefined || [aud].flat().includes(CLIENT_ID)
    ? undefined
    : 'the ID token is for another client';
}

async function store(
  tokens: IssuedTokens,
  apiKey: string | undefined,
  attempt: Attempt,
  { state, log }: ChatGptLoginOptions,
): Promise<Page> {
  const accountId = readClaims(tokens.idToken)?.chatgpt_account_id;
  const login = { apiKey, tokens: { ...tokens, accountId }, at: new Date() };
  try {
    await state.write(
      'login',
      (before) => (attempt.beginStoring() ? withLogin(before?.document, login) : undefined),
      attempt.succeed,
    );
  } catch (err) {
    attempt.storingFailed();
    log.error({ err }, 'a login could not be stored');
    return textPage(500, 'Unable to persist auth file');
  }
  return attempt.succeeded ? redirectTo(successUrl(tokens)) : textPage(400, 'State mismatch');
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
