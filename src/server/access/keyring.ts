import { createLiveToken, type LiveToken } from './live-token.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createSignInCodes, type SignInCodes } from './sign-in-codes.ts';

/** All that opens the doors: the token, and what was given out for it. */
export interface Keyring {
  readonly token: Pick<LiveToken, 'present'>;
  readonly sessions: Sessions;
  readonly codes: SignInCodes;
  /**
   * From now on this token is the only one. Ends all that the earlier one opened or was exchanged for (SEC-TOK-7).
   * `undefined`: no token is good until the next change.
   */
  changeToken(value: string | undefined): void;
}

export function createKeyring(value: string): Keyring {
  const token = createLiveToken(value);
  const sessions = createSessions();
  const codes = createSignInCodes();
  return {
    token,
    sessions,
    codes,
    changeToken(next) {
      token.replace(next);
      sessions.closeAll();
      codes.clear();
    },
  };
}
