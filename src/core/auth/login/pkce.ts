import { createHash, randomBytes } from 'node:crypto';

/** Secrets of one login attempt, and the challenge that is shown in their place (protocol-v1, section 20.5). */
export interface LoginSecrets {
  /** 32 random bytes: whoever calls back with it was sent by us. */
  readonly state: string;
  /** 64 random bytes: whoever redeems the code with it has asked for it. */
  readonly codeVerifier: string;
  readonly codeChallenge: string;
}

export function drawLoginSecrets(): LoginSecrets {
  const codeVerifier = randomBytes(64).toString('base64url');
  return {
    state: randomBytes(32).toString('base64url'),
    codeVerifier,
    codeChallenge: createHash('sha256').update(codeVerifier).digest('base64url'),
  };
}
