import { randomBytes } from 'node:crypto';

/** Stands in every credential of the tests, so that a search finds any that got where it does not belong. */
export const CANARY = 'canary';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that nobody has signed. */
export const jwt = (claims: object): string =>
  `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.${CANARY}`;

export interface Account {
  readonly id: string;
  readonly email: string;
}

export const X: Account = { id: 'acct-x', email: 'x@example.test' };
export const Y: Account = { id: 'acct-y', email: 'y@example.test' };

export interface TokenSet {
  id_token: string;
  access_token: string;
  refresh_token: string;
}

/** New tokens of the account. `expiresInMs` makes the access token say when it ends. */
export function drawTokens({ id, email }: Account, expiresInMs?: number): TokenSet {
  const unique = randomBytes(6).toString('hex');
  const claims = {
    email,
    'https://api.openai.com/auth': { chatgpt_account_id: id, chatgpt_plan_type: 'pro' },
  };
  const exp = expiresInMs === undefined ? undefined : Math.floor((Date.now() + expiresInMs) / 1000);
  return {
    id_token: jwt({ ...claims, unique }),
    access_token: exp === undefined ? `${CANARY}-access-${id}-${unique}` : jwt({ exp, unique }),
    refresh_token: `${CANARY}-refresh-${id}-${unique}`,
  };
}

/** `auth.json` of a ChatGPT login that was renewed `ageMs` ago. */
export function chatGptFile(
  account: Account,
  tokens = drawTokens(account),
  ageMs = 0,
): Record<string, unknown> {
  return {
    OPENAI_API_KEY: null,
    tokens: { ...tokens, account_id: account.id },
    last_refresh: new Date(Date.now() - ageMs).toISOString(),
  };
}

export const DAY_MS = 24 * 60 * 60 * 1000;
