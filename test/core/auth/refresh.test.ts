import { describe, expect, it } from 'vitest';
import { realFileSystem } from '../../../src/core/files/file-system.ts';
import type { Credential } from '../../../src/core/model/types.ts';
import { startIssuer, type TestIssuer } from '../../support/auth/issuer.ts';
import { CANARY, chatGptFile, DAY_MS, drawTokens, X, Y } from '../../support/auth/tokens.ts';
import { type AuthHome, createAuthHome, type OpenManager, openManager } from './auth-home.ts';

interface Scene {
  readonly issuer: TestIssuer;
  readonly home: AuthHome;
  readonly manager: OpenManager;
}

/** Signed in as X with tokens that the issuer knows, and that were renewed `ageMs` ago. */
async function signedIn({
  ageMs = 0,
  expiresInMs,
}: {
  ageMs?: number;
  expiresInMs?: number;
} = {}): Promise<Scene> {
  const issuer = await startIssuer();
  issuer.expiresInMs = expiresInMs;
  const home = createAuthHome(chatGptFile(X, issuer.login(X), ageMs));
  issuer.expiresInMs = undefined;
  return { issuer, home, manager: openManager(home, { issuerAddress: issuer.url }) };
}

async function currentOf({ manager }: Scene): Promise<Credential> {
  const credential = await manager.credential.current();
  if (!credential) throw new Error('nobody is signed in');
  return credential;
}

const tokensOnDisk = ({ home }: Scene) => home.read().tokens as Record<string, string>;

describe('a refresh', () => {
  it('SEC-REF-4: asks as the reference does, and is on disk before anybody gets the new token', async () => {
    const scene = await signedIn({ ageMs: 29 * DAY_MS });
    const before = tokensOnDisk(scene);
    const credential = await currentOf(scene);
    expect(scene.issuer.requests).toMatchObject([
      {
        contentType: 'application/json',
        fields: {
          client_id: 'app_EMoamEEZ73f0CkXaXp7hrann',
          grant_type: 'refresh_token',
          refresh_token: before.refresh_token,
          scope: 'openid profile email',
        },
      },
    ]);
    expect(credential.token).toBe(tokensOnDisk(scene).access_token);
    expect(credential.token).not.toBe(before.access_token);
    expect(Date.parse(String(scene.home.read().last_refresh))).toBeCloseTo(Date.now(), -4);
    expect(scene.manager.secrets).toContain(credential.token);
    expect(scene.manager.seen.map(({ cause }) => cause)).toEqual(['refresh']);
  });

  it('SEC-REF-1: is one for all who need it at the same time', async () => {
    const scene = await signedIn({ ageMs: 29 * DAY_MS });
    const all = await Promise.all(Array.from({ length: 20 }, () => currentOf(scene)));
    expect(new Set(all.map(({ token }) => token)).size).toBe(1);
    expect(scene.issuer.requests).toHaveLength(1);
  });

  it('after a 401 is made once per refused token, not once per refusal', async () => {
    const scene = await signedIn();
    const old = await currentOf(scene);
    await Promise.all(Array.from({ length: 5 }, () => scene.manager.credential.renew(old)));
    await scene.manager.credential.renew(old);
    expect(scene.issuer.requests).toHaveLength(1);
    expect((await currentOf(scene)).token).not.toBe(old.token);
  });

  it('that a client asks for is made, but not for an API key', async () => {
    const scene = await signedIn();
    const { token } = await scene.manager.credential.status({ refresh: true });
    expect(token).toBe(tokensOnDisk(scene).access_token);
    scene.home.write({ OPENAI_API_KEY: `sk-${CANARY}` });
    expect((await scene.manager.credential.status({ refresh: true })).method).toBe('apikey');
    expect(scene.issuer.requests).toHaveLength(1);
  });

  it('SEC-REF-1: takes what another program has renewed meanwhile and spends nothing', async () => {
    const scene = await signedIn();
    const old = await currentOf(scene);
    scene.home.write(chatGptFile(X));
    await scene.manager.credential.renew(old);
    expect(scene.issuer.requests).toEqual([]);
    expect(await currentOf(scene)).toMatchObject({ token: tokensOnDisk(scene).access_token });
  });

  it('ahead of the end does not keep a request waiting, and shows when it is done', async () => {
    const scene = await signedIn({ expiresInMs: 60_000 });
    const before = tokensOnDisk(scene);
    expect((await currentOf(scene)).token).toBe(before.access_token);
    expect(await scene.manager.nextChange()).toMatchObject({ cause: 'refresh' });
    expect((await currentOf(scene)).token).not.toBe(before.access_token);
    expect(scene.issuer.requests).toHaveLength(1);
  });

  it('keeps what the issuer leaves out', async () => {
    const scene = await signedIn();
    const before = tokensOnDisk(scene);
    scene.issuer.nextAnswer = { status: 200, body: { id_token: before.id_token, access_token: null } };
    await scene.manager.credential.status({ refresh: true });
    expect(tokensOnDisk(scene)).toEqual(before);
    scene.issuer.nextAnswer = { status: 200, body: { refresh_token: `${CANARY}-rotated` } };
    await scene.manager.credential.status({ refresh: true });
    expect(tokensOnDisk(scene)).toEqual({ ...before, refresh_token: `${CANARY}-rotated` });
  });
});

describe('a refresh that is refused', () => {
  it('SEC-REF-2: because another program has spent the token takes what that one writes down', async () => {
    const scene = await signedIn({ ageMs: 29 * DAY_MS });
    const theirs = drawTokens(X);
    scene.issuer.nextAnswer = { status: 401, body: { error: { code: 'refresh_token_reused' } } };
    scene.issuer.beforeAnswer = () => void setTimeout(() => scene.home.write(chatGptFile(X, theirs)), 300);
    expect((await currentOf(scene)).token).toBe(theirs.access_token);
    expect(scene.issuer.requests).toHaveLength(1);
  });

  it('SEC-REF-2: leaves the file alone and is no login for clients, and an error for requests, once', async () => {
    const scene = await signedIn({ ageMs: 29 * DAY_MS });
    const before = scene.home.read();
    scene.issuer.nextAnswer = { status: 400, body: { error: 'invalid_grant' } };
    const failed = currentOf(scene);
    await expect(failed).rejects.toMatchObject({
      message: 'Failed to refresh token: 400 Bad Request',
      retryable: true,
    });
    await expect(currentOf(scene)).rejects.toThrow('Failed to refresh token: 400 Bad Request');
    expect(scene.issuer.requests).toHaveLength(1);
    scene.issuer.nextAnswer = { status: 401, body: { error: { code: 'refresh_token_reused' } } };
    expect(await scene.manager.credential.status({ refresh: false })).toEqual({});
    expect(scene.home.read()).toEqual(before);
  });

  it('SEC-REF-2: is news once, however often it is met, until there are other tokens', async () => {
    const scene = await signedIn({ ageMs: 29 * DAY_MS });
    const refuse = () => {
      scene.issuer.nextAnswer = { status: 400, body: { error: 'invalid_grant' } };
    };
    const causes = () => scene.manager.seen.map(({ cause, identity }) => [cause, identity.isLost]);
    refuse();
    await Promise.allSettled([currentOf(scene), currentOf(scene)]);
    refuse();
    expect(await scene.manager.credential.status({ refresh: false })).toEqual({});
    expect(scene.issuer.requests).toHaveLength(2);
    expect(causes()).toEqual([['refused', true]]);
    scene.home.write(chatGptFile(X));
    expect(await scene.manager.credential.status({ refresh: false })).toMatchObject({ method: 'chatgpt' });
    expect(causes().slice(1)).toEqual([['outside', false]]);
  });

  it('SEC-REF-2: is taken back when the issuer gives tokens after all', async () => {
    const scene = await signedIn({ ageMs: 29 * DAY_MS });
    scene.issuer.nextAnswer = { status: 401, body: {} };
    expect(await scene.manager.credential.status({ refresh: false })).toEqual({});
    expect(await scene.manager.credential.status({ refresh: true })).toMatchObject({ method: 'chatgpt' });
    expect(scene.manager.seen).toMatchObject([
      { cause: 'refused', identity: { isLost: true } },
      { cause: 'refresh', identity: { isLost: false } },
    ]);
  });

  it('SEC-REF-2: is the end of a login that the provider refuses as well', async () => {
    const scene = await signedIn({ expiresInMs: DAY_MS });
    const old = await currentOf(scene);
    scene.issuer.nextAnswer = { status: 401, body: {} };
    await scene.manager.credential.renew(old);
    expect(scene.manager.seen).toMatchObject([{ cause: 'refused' }]);
    expect(await scene.manager.credential.status({ refresh: false })).toEqual({});
    expect(scene.issuer.requests).toHaveLength(1);
  });

  it('SEC-REF-3: is no news while the token is accepted still', async () => {
    const scene = await signedIn({ ageMs: 29 * DAY_MS, expiresInMs: DAY_MS });
    const refuse = () => {
      scene.issuer.nextAnswer = { status: 400, body: { error: 'invalid_grant' } };
    };
    refuse();
    expect(await scene.manager.credential.status({ refresh: true })).toMatchObject({ method: 'chatgpt' });
    refuse();
    expect((await currentOf(scene)).token).toBe(tokensOnDisk(scene).access_token);
    expect(scene.manager.seen).toEqual([]);
  });

  it('SEC-REF-3: does not keep a token from being used that is accepted still', async () => {
    const scene = await signedIn({ ageMs: 29 * DAY_MS, expiresInMs: DAY_MS });
    const { access_token } = tokensOnDisk(scene);
    scene.issuer.nextAnswer = { status: 503, body: {} };
    expect((await currentOf(scene)).token).toBe(access_token);
    expect(scene.issuer.requests).toHaveLength(1);
  });

  it('after a 401 is a warning, and the old token is what there is', async () => {
    const scene = await signedIn();
    const old = await currentOf(scene);
    scene.issuer.nextAnswer = { status: 500, body: { error: { code: old.token } } };
    await scene.manager.credential.renew(old);
    expect(await currentOf(scene)).toEqual(old);
    expect(scene.manager.log.map(({ message }) => message)).toContain('the login could not be refreshed');
    expect(JSON.stringify(scene.manager.log)).not.toContain(CANARY);
  });
});

describe('a refresh during which something else happens', () => {
  it('SEC-REF-6: does not bring back somebody who has logged out, nor mixes two accounts', async () => {
    for (const [act, left] of [
      [(scene: Scene) => scene.manager.logout(), undefined],
      [async (scene: Scene) => scene.home.write(chatGptFile(Y)), Y.id],
    ] as const) {
      const scene = await signedIn({ ageMs: 29 * DAY_MS });
      scene.issuer.beforeAnswer = () => act(scene);
      expect((await scene.manager.credential.current())?.accountId).toBe(left);
      const tokens = left === undefined ? undefined : tokensOnDisk(scene);
      for (const value of Object.values(tokens ?? {})) expect(value).not.toContain(X.id);
    }
  });

  it('is finished and stored when the manager is closed', async () => {
    const scene = await signedIn({ ageMs: 29 * DAY_MS });
    const before = tokensOnDisk(scene);
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    scene.issuer.beforeAnswer = () => {
      asked.resolve();
      return answered.promise;
    };
    const credential = scene.manager.credential.current();
    await asked.promise;
    const closed = scene.manager.close();
    answered.resolve();
    await closed;
    expect(tokensOnDisk(scene).access_token).not.toBe(before.access_token);
    expect((await credential)?.token).toBe(tokensOnDisk(scene).access_token);
  });

  it('does not spend a second token when the first answer could not be stored', async () => {
    const issuer = await startIssuer();
    const home = createAuthHome(chatGptFile(X, issuer.login(X), 29 * DAY_MS));
    let full = true;
    const rename: typeof realFileSystem.rename = (from, to) =>
      full
        ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC', errno: -28 }))
        : realFileSystem.rename(from, to);
    const manager = openManager(home, { issuerAddress: issuer.url, fs: { ...realFileSystem, rename } });
    await expect(manager.credential.current()).rejects.toThrow(
      'Failed to refresh token: No space left on device (os error 28)',
    );
    full = false;
    const credential = await manager.credential.current();
    expect(credential?.token).toBe((home.read().tokens as Record<string, string>).access_token);
    expect(issuer.requests).toHaveLength(1);
  });
});
