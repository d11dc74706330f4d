import { z } from 'zod';
import { readClaims } from './jwt.ts';

/** Content of `auth.json` as a whole, with the members of other programs. */
export type AuthDocument = Readonly<Record<string, unknown>>;

export interface Tokens {
  readonly idToken: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly accountId: string | undefined;
}

/** Tokens that an issuer gave for a refresh token; it leaves out what stays as it is. */
export type RenewedTokens = Partial<Omit<Tokens, 'accountId'>>;

/** What `auth.json` holds, read. */
export interface StoredAuth {
  readonly document: AuthDocument;
  /** May be empty: the reference stored such keys. */
  readonly apiKey: string | undefined;
  readonly tokens: Tokens | undefined;
  readonly lastRefresh: Date | undefined;
}

const StoredTokens = z.object({
  id_token: z.string().refine((token) => readClaims(token) !== undefined),
  access_token: z.string(),
  refresh_token: z.string(),
  account_id: z.string().nullish(),
});

/** Shape of the file (protocol-v1, section 20.1). A token without claims makes all of it unusable, as in the reference. */
const AuthFile = z.looseObject({
  OPENAI_API_KEY: z.string().nullish(),
  tokens: StoredTokens.nullish(),
  last_refresh: z.iso.datetime({ offset: true }).nullish(),
});

/** `undefined` for a text that is not a whole and usable `auth.json`. */
export function parseAuthFile(text: string): StoredAuth | undefined {
  const document = parseJson(text);
  const { data } = AuthFile.safeParse(document);
  if (!data) return undefined;
  const { OPENAI_API_KEY, tokens, last_refresh } = data;
  return {
    document: document as AuthDocument,
    apiKey: OPENAI_API_KEY ?? undefined,
    tokens: tokens ? toTokens(tokens) : undefined,
    lastRefresh: last_refresh ? new Date(last_refresh) : undefined,
  };
}

function toTokens(stored: z.infer<typeof StoredTokens>): Tokens {
  return {
    idToken: stored.id_token,
    accessToken: stored.access_token,
    refreshToken: stored.refresh_token,
    accountId: stored.account_id ?? undefined,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Pretty JSON without a final line break, as the reference writes it. */
export function formatAuthFile(document: AuthDocument): string {
  return JSON.stringify(document, null, 2);
}

/** The file after a login with an API key. */
export function withApiKey(before: AuthDocument | undefined, apiKey: string): AuthDocument {
  return { OPENAI_API_KEY: apiKey, ...foreignMembers(before) };
}

/** The file after a ChatGPT login, which may have given an API key as well. */
export function withLogin(
  before: AuthDocument | undefined,
  login: { apiKey: string | undefined; tokens: Tokens; at: Date },
): AuthDocument {
  const { idToken, accessToken, refreshToken, accountId } = login.tokens;
  return {
    OPENAI_API_KEY: login.apiKey ?? null,
    tokens: {
      id_token: idToken,
      access_token: accessToken,
      refresh_token: refreshToken,
      account_id: accountId ?? null,
    },
    last_refresh: timestamp(login.at),
    ...foreignMembers(before),
  };
}

/** The file after a refresh: the same login, all other members as they were. */
export function withRenewal(before: AuthDocument, renewed: RenewedTokens, at: Date): AuthDocument {
  const { idToken, accessToken, refreshToken } = renewed;
  return {
    ...before,
    tokens: {
      ...(before.tokens as object),
      ...(idToken !== undefined && { id_token: idToken }),
      ...(accessToken !== undefined && { access_token: accessToken }),
      ...(refreshToken !== undefined && { refresh_token: refreshToken }),
    },
    last_refresh: timestamp(at),
  };
}

/** Members that describe the login: those of 0.36, and the one that says in later releases which kind it is. */
const OF_THE_LOGIN = new Set(['OPENAI_API_KEY', 'tokens', 'last_refresh', 'auth_mode']);

function foreignMembers(document: AuthDocument = {}): AuthDocument {
  return Object.fromEntries(Object.entries(document).filter(([name]) => !OF_THE_LOGIN.has(name)));
}

/** With nine digits after the second, as the reference writes it. */
function timestamp(date: Date): string {
  return date.toISOString().replace('Z', '000000Z');
}
