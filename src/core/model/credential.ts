import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelProvider } from '../config/types.ts';
import { type Credential, ModelError } from './types.ts';

/**
 * Gives the credential for one attempt of a request to a provider, `undefined` when there is none. `rejected` is the one
 * that the provider has just answered 401 to: a source that can renew it does, unless that has been done meanwhile.
 * Throws `ModelError`.
 */
export type CredentialSource = (
  provider: ModelProvider,
  rejected?: Credential,
) => Promise<Credential | undefined>;

/** The members of `auth.json` that sign requests (protocol-v1, section 20.1). */
const AuthFile = z.object({
  OPENAI_API_KEY: z.string().nullish(),
  tokens: z.object({ access_token: z.string(), account_id: z.string().nullish() }).nullish(),
});

/**
 * The provider's own key from the environment, which beats the stored login, or else what `stored` has.
 * A provider whose variable is unset or blank fails with `ModelError`; the login is not used in its place.
 */
export function credentialSource(options: {
  env: NodeJS.ProcessEnv;
  stored: (rejected?: Credential) => Promise<Credential | undefined>;
}): CredentialSource {
  return async (provider, rejected) => {
    if (provider.envKey === undefined) return options.stored(rejected);
    const token = options.env[provider.envKey];
    if (token === undefined || token.trim() === '') throw missingKey(provider.envKey, provider);
    return { mode: 'apikey', token };
  };
}

function missingKey(name: string, { envKeyInstructions }: ModelProvider): ModelError {
  const hint = envKeyInstructions === undefined ? '' : ` ${envKeyInstructions}`;
  return new ModelError(`Missing environment variable: \`${name}\`.${hint}`, { retryable: false });
}

/** The login in `$CODEX_HOME/auth.json` as it is now. A file that is missing or cannot be understood is no login. */
export async function readStoredCredential(codexHome: string): Promise<Credential | undefined> {
  const auth = parseAuthFile(await readAuthFile(join(codexHome, 'auth.json')));
  if (typeof auth?.OPENAI_API_KEY === 'string') return apiKey(auth.OPENAI_API_KEY);
  if (!auth?.tokens) return undefined;
  const { access_token, account_id } = auth.tokens;
  return { mode: 'chatgpt', token: access_token, accountId: account_id ?? undefined };
}

function apiKey(token: string): Credential | undefined {
  return token === '' ? undefined : { mode: 'apikey', token };
}

async function readAuthFile(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ModelError(`cannot read ${path}`, { retryable: false, cause: error });
  }
}

function parseAuthFile(text: string | undefined): z.infer<typeof AuthFile> | undefined {
  if (text === undefined) return undefined;
  try {
    return AuthFile.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
