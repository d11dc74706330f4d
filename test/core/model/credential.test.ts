import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { credentialSource, readStoredCredential } from '../../../src/core/model/credential.ts';
import { provider } from './model-step.ts';

async function home(auth?: unknown): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'codexd-auth-'));
  onTestFinished(() => rm(path, { recursive: true }));
  if (auth !== undefined) await store(path, auth);
  return path;
}

function store(path: string, auth: unknown): Promise<void> {
  return writeFile(join(path, 'auth.json'), typeof auth === 'string' ? auth : JSON.stringify(auth));
}

const tokens = { id_token: 'x', access_token: 'acc-tok', refresh_token: 'r', account_id: 'acc' };

describe('the stored login', () => {
  it('is the API key when the file has one, tokens or not', async () => {
    const stored = await readStoredCredential(await home({ OPENAI_API_KEY: 'sk-1', tokens }));
    expect(stored).toEqual({ mode: 'apikey', token: 'sk-1' });
  });

  it('is the access token with its account otherwise', async () => {
    const stored = await readStoredCredential(await home({ OPENAI_API_KEY: null, tokens }));
    expect(stored).toEqual({ mode: 'chatgpt', token: 'acc-tok', accountId: 'acc' });
  });

  it.each([
    ['a missing file', undefined],
    ['half a file', '{"OPENAI_API_KEY": "sk'],
    ['a file of another shape', { tokens: 'none' }],
    ['an empty key', { OPENAI_API_KEY: '', tokens }],
    ['an empty object', {}],
  ])('is none for %s', async (_, auth) => {
    expect(await readStoredCredential(await home(auth))).toBeUndefined();
  });

  it('is read anew each time', async () => {
    const path = await home({ OPENAI_API_KEY: 'old' });
    const source = credentialSource({ env: {}, stored: () => readStoredCredential(path) });
    expect(await source(provider(undefined))).toMatchObject({ token: 'old' });
    await store(path, { OPENAI_API_KEY: 'new' });
    expect(await source(provider(undefined))).toMatchObject({ token: 'new' });
  });

  it('that cannot be read is an error that names the file', async () => {
    const path = await home();
    await expect(readStoredCredential(join(path, '\0'))).rejects.toThrow('cannot read');
  });
});

describe('the key of a provider', () => {
  const login = async () => ({ mode: 'apikey', token: 'login' }) as const;
  const keyed = provider(undefined, { envKey: 'MY_KEY', envKeyInstructions: 'Get one at example.test.' });

  it('comes from its variable and beats the login', async () => {
    const source = credentialSource({ env: { MY_KEY: 'mine' }, stored: login });
    expect(await source(keyed)).toEqual({ mode: 'apikey', token: 'mine' });
  });

  it('is named, with instructions, when its variable is unset or blank', async () => {
    const message = 'Missing environment variable: `MY_KEY`. Get one at example.test.';
    for (const env of [{}, { MY_KEY: '  ' }]) {
      const missing = credentialSource({ env, stored: login })(keyed);
      await expect(missing).rejects.toMatchObject({ message, retryable: false });
    }
    const bare = credentialSource({ env: {}, stored: login })(provider(undefined, { envKey: 'K' }));
    await expect(bare).rejects.toThrow(/^Missing environment variable: `K`\.$/);
  });
});
