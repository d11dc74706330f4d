import { describe, expect, it } from 'vitest';
import { credentialSource, type Login } from '../../../src/core/model/credential.ts';
import type { Credential } from '../../../src/core/model/types.ts';
import { provider } from './model-step.ts';

const keyed = provider(undefined, { envKey: 'MY_KEY', envKeyInstructions: 'Get one at example.test.' });
const stored: Credential = { mode: 'chatgpt', token: 'login' };

function loginWith(renewed: Credential[] = []): Login {
  return { current: async () => stored, renew: async (rejected) => void renewed.push(rejected) };
}

describe('the credential of a request', () => {
  it('is that of the login for a provider without a variable of its own', async () => {
    const source = credentialSource({ env: { MY_KEY: 'mine' }, login: loginWith() });
    expect(await source.current(provider(undefined))).toEqual(stored);
  });

  it('comes from the variable of the provider, which beats the login', async () => {
    const source = credentialSource({ env: { MY_KEY: 'mine' }, login: loginWith() });
    expect(await source.current(keyed)).toEqual({ mode: 'apikey', token: 'mine' });
  });

  it('is named, with instructions, when the variable is unset or blank', async () => {
    const message = 'Missing environment variable: `MY_KEY`. Get one at example.test.';
    for (const env of [{}, { MY_KEY: '  ' }]) {
      const missing = credentialSource({ env, login: loginWith() }).current(keyed);
      await expect(missing).rejects.toMatchObject({ message, retryable: false });
    }
    const source = credentialSource({ env: {}, login: loginWith() });
    const bare = source.current(provider(undefined, { envKey: 'K' }));
    await expect(bare).rejects.toThrow(/^Missing environment variable: `K`\.$/);
  });

  it('is renewed when it is the login that was refused, and not when it is a variable', async () => {
    const renewed: Credential[] = [];
    const source = credentialSource({ env: { MY_KEY: 'mine' }, login: loginWith(renewed) });
    await source.renew(keyed, { mode: 'apikey', token: 'mine' });
    expect(renewed).toEqual([]);
    await source.renew(provider(undefined), stored);
    expect(renewed).toEqual([stored]);
  });
});
