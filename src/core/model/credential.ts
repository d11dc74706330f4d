import type { ModelProvider } from '../config/types.ts';
import { type Credential, ModelError } from './types.ts';

/** Where requests to providers get their credential from, each attempt anew. */
export interface CredentialSource {
  /** For one attempt, `undefined` when there is none. Throws `ModelError`. */
  current(provider: ModelProvider): Promise<Credential | undefined>;
  /** To be told that the provider answered 401 to it; one that can be renewed is, unless that has been done meanwhile. */
  renew(provider: ModelProvider, rejected: Credential): Promise<void>;
}

/** The stored login, as far as providers need it. */
export interface Login {
  current(): Promise<Credential | undefined>;
  renew(rejected: Credential): Promise<void>;
}

/**
 * The provider's own key from the environment, which beats the stored login, or else that.
 * A provider whose variable is unset or blank fails with `ModelError`; the login is not used in its place.
 */
export function credentialSource(options: { env: NodeJS.ProcessEnv; login: Login }): CredentialSource {
  const { env, login } = options;
  return {
    async current(provider) {
      if (provider.envKey === undefined) return login.current();
      const token = env[provider.envKey];
      if (token === undefined || token.trim() === '') throw missingKey(provider.envKey, provider);
      return { mode: 'apikey', token };
    },
    async renew(provider, rejected) {
      if (provider.envKey === undefined) await login.renew(rejected);
    },
  };
}

function missingKey(name: string, { envKeyInstructions }: ModelProvider): ModelError {
  const hint = envKeyInstructions === undefined ? '' : ` ${envKeyInstructions}`;
  return new ModelError(`Missing environment variable: \`${name}\`.${hint}`, { retryable: false });
}
