import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { textAnswer } from '../../src/demo/responses.ts';
import { createAuthHome, openManager } from '../core/auth/auth-home.ts';
import { startIssuer } from '../support/auth/issuer.ts';
import { type AuthPlace, createAuthPlace, leaks, openSurfaces } from '../support/auth/place.ts';
import { CANARY, chatGptFile, drawTokens, jwt, X, Y } from '../support/auth/tokens.ts';
import { signIn, visit } from '../support/auth/visit.ts';
import { findChromium, launchBrowser } from '../support/browser/chromium.ts';
import type { DaemonProcess, SocketClient } from '../support/daemon-process.ts';
import { openPageWorld } from '../support/page/page-world.ts';

const answer = () => textAnswer('ok');
const chromium = findChromium();
if (chromium === undefined) console.warn('skipped: the login in a browser needs chromium on the PATH');

interface Scene {
  readonly place: AuthPlace;
  readonly daemon: DaemonProcess;
  readonly client: SocketClient;
}

async function start(): Promise<Scene> {
  const place = await createAuthPlace(answer);
  const daemon = await place.start();
  return { place, daemon, client: await daemon.connect() };
}

async function begin({ client }: Scene): Promise<{ loginId: string; authUrl: string; state: string }> {
  const { result, error } = await client.call('loginChatGpt');
  expect(error).toBeUndefined();
  const authUrl = String(result?.authUrl);
  return {
    loginId: String(result?.loginId),
    authUrl,
    state: new URL(authUrl).searchParams.get('state') ?? '',
  };
}

/** Every test needs port 1455, the only one that the issuer sends browsers back to: so all of them are in this file. */
describe('a ChatGPT login', { timeout: 60_000 }, () => {
  it('signs in every client, each told once that it is complete and then who is signed in', async () => {
    const scene = await start();
    const { place, daemon } = scene;
    const surfaces = await openSurfaces(place, daemon);
    const { loginId, authUrl } = await begin(scene);
    const path = await signIn(authUrl);
    const callback = await visit(path);
    expect(callback.status).toBe(302);
    await Promise.all(surfaces.map((surface) => surface.heard(2)));
    const used = await visit(path);
    expect([used.status, used.text]).toEqual([400, 'State mismatch']);
    const success = await visit(callback.headers.location?.replace('http://localhost:1455', '') ?? '');
    expect(success.status).toBe(200);
    expect(success.headers['content-security-policy']).toContain("default-src 'none'");
    expect(success.text).not.toContain(CANARY);
    await expect(visit('/success')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await daemon.post('/v1/auth/logout');
    await Promise.all(surfaces.map((surface) => surface.heard(3)));
    for (const { name, news } of surfaces) {
      expect([name, news()]).toEqual([
        name,
        [
          ['loginChatGptComplete', { loginId, success: true }],
          ['authStatusChange', { authMethod: 'chatgpt' }],
          ['authStatusChange', {}],
        ],
      ]);
    }
    expect(place.issuer.requests.map(({ grant, status }) => [grant, status])).toEqual([
      ['authorization_code', 200],
      ['urn:ietf:params:oauth:grant-type:token-exchange', 400],
    ]);
    expect(await leaks(place, daemon, surfaces)).toEqual([]);
  });

  it('with an account that gets an API key is a login with that', async () => {
    const scene = await start();
    scene.place.issuer.givesApiKeys = true;
    await visit(await signIn((await begin(scene)).authUrl));
    const { body } = await scene.daemon.post('/v1/auth/status', { includeToken: true });
    expect(body).toMatchObject({ authMethod: 'apikey', authToken: `sk-${CANARY}-${X.id}` });
    expect(await scene.daemon.get('/v1/user')).toEqual({ allegedUserEmail: X.email });
  });

  it('of another account is what the next request of a running conversation is signed with', async () => {
    const scene = await start();
    const { place, daemon } = scene;
    place.writeAuth(chatGptFile(X, place.issuer.login(X)));
    const { conversationId } = await daemon.newConversation();
    const events = await daemon.stream(`/v1/conversations/${conversationId}/events`);
    await daemon.say(conversationId, 'as X');
    await events.event('task_complete');
    await daemon.post('/v1/auth/logout');
    place.issuer.account = Y;
    await visit(await signIn((await begin(scene)).authUrl));
    const from = events.notifications.length;
    await daemon.say(conversationId, 'as Y');
    await events.event('task_complete', from);
    const tokens = JSON.parse(readFileSync(place.authFile, 'utf8')).tokens;
    expect(place.signatures()).toEqual([
      [expect.stringContaining(X.id), X.id],
      [tokens.access_token, Y.id],
    ]);
    expect(JSON.stringify(tokens)).not.toContain(X.id);
    for (const client of [scene.client, await daemon.connect()]) {
      const { result } = await client.call('getAuthStatus', { includeToken: true });
      expect(result).toMatchObject({ authMethod: 'chatgpt', authToken: tokens.access_token });
      expect((await client.call('userInfo')).result).toEqual({ allegedUserEmail: Y.email });
    }
    expect(await leaks(place, daemon)).toEqual([]);
  });

  it('SEC-OAUTH-1, SEC-OAUTH-2: stays open, and nothing is asked of the issuer, when somebody else comes back in its place', async () => {
    const scene = await start();
    const { loginId, authUrl, state } = await begin(scene);
    const cases: [string, Parameters<typeof visit>[1], number, string][] = [
      ['/auth/callback?code=c', {}, 400, 'State mismatch'],
      [`/auth/callback?code=c&state=${state}x`, {}, 400, 'State mismatch'],
      [`/auth/callback?state=${state}`, {}, 400, 'Missing authorization code'],
      [`/auth/callback?error=access_denied&state=${state}`, {}, 400, 'Missing authorization code'],
      ['/success', {}, 400, 'The login is not complete'],
      ['/', {}, 404, 'Not Found'],
      ['/cancel', { method: 'POST' }, 405, 'Method Not Allowed'],
      [
        `/auth/callback?code=c&state=${state}`,
        { headers: { host: 'evil.test:1455' } },
        421,
        'Misdirected Request',
      ],
    ];
    for (const [path, options, status, text] of cases) {
      const given = await visit(path, options);
      expect([path, given.status, given.text]).toEqual([path, status, text]);
    }
    expect(scene.place.issuer.requests).toEqual([]);
    expect((await visit(await signIn(authUrl))).status).toBe(302);
    expect(await scene.client.message('loginChatGptComplete')).toMatchObject({
      params: { loginId, success: true },
    });
  });

  it('SEC-OAUTH-4: stays open when the issuer refuses the code, or gives tokens that are not for us', async () => {
    const scene = await start();
    const { place, daemon } = scene;
    const { loginId, authUrl } = await begin(scene);
    const tokens = drawTokens(X);
    const answers: [{ status: number; body: object }, string][] = [
      [
        { status: 403, body: { error: CANARY } },
        'Token exchange failed: token endpoint returned status 403 Forbidden',
      ],
      [{ status: 200, body: { a: 1 } }, 'Token exchange failed: error decoding response body'],
      [
        { status: 200, body: { ...tokens, id_token: 'x' } },
        'Unable to persist auth file: invalid ID token format',
      ],
      [
        { status: 200, body: { ...tokens, id_token: jwt({ aud: 'somebody' }) } },
        'Unable to persist auth file: the ID token is for another client',
      ],
      [
        { status: 200, body: { ...tokens, id_token: jwt({ iss: 'https://evil.test' }) } },
        'Unable to persist auth file: the ID token is from another issuer',
      ],
    ];
    for (const [given, text] of answers) {
      place.issuer.nextAnswer = given;
      const page = await visit(await signIn(authUrl));
      expect([page.status, page.text]).toEqual([500, text]);
    }
    expect(existsSync(place.authFile)).toBe(false);
    expect((await daemon.fetch(`/v1/auth/login/chatgpt/${loginId}`, { method: 'DELETE' })).status).toBe(200);
    const { params } = await scene.client.message('loginChatGptComplete');
    expect(params).toEqual({ loginId, success: false, error: 'Login server error: Login was not completed' });
    const { error } = await scene.client.call('cancelLoginChatGpt', { loginId });
    expect(error).toMatchObject({ code: -32600, message: `login id not found: ${loginId}` });
    expect(await leaks(place, daemon)).toEqual([]);
  });

  it('SEC-OAUTH-3: ends when another one begins, which alone can then be completed', async () => {
    const scene = await start();
    const first = await begin(scene);
    const pathOfFirst = await signIn(first.authUrl);
    const second = await begin(scene);
    expect((await scene.client.message('loginChatGptComplete')).params).toEqual({
      loginId: first.loginId,
      success: false,
      error: 'Login server error: Login cancelled',
    });
    expect((await visit(pathOfFirst)).text).toBe('State mismatch');
    expect((await visit(await signIn(second.authUrl))).status).toBe(302);
    await scene.client.message('authStatusChange');
    expect(scene.client.notifications.at(-2)?.params).toEqual({ loginId: second.loginId, success: true });
  });

  it('SEC-OAUTH-1: shows the issuer a challenge and a state that are drawn anew each time', async () => {
    const scene = await start();
    const seen = [await begin(scene), await begin(scene)].map(({ authUrl, state }) => {
      const query = new URL(authUrl).searchParams;
      expect(query.get('code_challenge_method')).toBe('S256');
      expect(Buffer.from(state, 'base64url')).toHaveLength(32);
      expect(authUrl).not.toContain('code_verifier');
      return [state, query.get('code_challenge')];
    });
    expect(new Set(seen.flat()).size).toBe(4);
    const [first] = await Promise.all([visit(await signIn((await begin(scene)).authUrl))]);
    expect(first.status).toBe(302);
    const { code_verifier: verifier = '' } = scene.place.issuer.requests[0]?.fields ?? {};
    expect(verifier.length).toBeGreaterThanOrEqual(43);
  });

  it('SEC-OAUTH-2: is listened for while it waits, and never longer', async () => {
    const scene = await start();
    const absent = () => expect(visit('/auth/callback')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await absent();
    const { loginId } = await begin(scene);
    expect((await visit('/auth/callback')).status).toBe(400);
    await scene.daemon.fetch(`/v1/auth/login/chatgpt/${loginId}`, { method: 'DELETE' });
    await scene.client.message('loginChatGptComplete');
    await expect
      .poll(() =>
        visit('/').then(
          () => 'open',
          () => 'closed',
        ),
      )
      .toBe('closed');
  });

  it('SEC-OAUTH-2, SEC-OAUTH-5: repeats nothing of what comes back, and leads nowhere that it names', async () => {
    const scene = await start();
    const { authUrl } = await begin(scene);
    const hostile = '<script>alert(1)</script>';
    const pages = [
      await visit(`/auth/callback?error=${encodeURIComponent(hostile)}&error_description=${CANARY}`),
      await visit(`/${encodeURIComponent(hostile)}`),
    ];
    for (const { text, headers } of pages) {
      expect(text).not.toMatch(new RegExp(`script|${CANARY}`));
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers.location).toBeUndefined();
    }
    const back = `${await signIn(authUrl)}&returnTo=https://evil.test/&redirect_uri=https://evil.test/`;
    const { headers } = await visit(back);
    expect(headers.location).toMatch(/^http:\/\/localhost:1455\/success\?/);
    expect(headers.location).not.toContain('evil.test');
  });

  it('SEC-OAUTH-3: is begun by whoever has the credential, with a POST, and by nobody else', async () => {
    const { place, daemon } = await start();
    const address = `${daemon.url}/v1/auth/login/chatgpt`;
    expect((await fetch(address, { method: 'POST' })).status).toBe(401);
    expect((await daemon.fetch('/v1/auth/login/chatgpt')).status).toBe(405);
    await expect(visit('/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(place.issuer.requests).toEqual([]);
  });

  it('ends with a login by API key, and with a logout', async () => {
    const scene = await start();
    for (const [call, params, method] of [
      ['loginApiKey', { apiKey: `sk-${CANARY}` }, { authMethod: 'apikey' }],
      ['logoutChatGpt', {}, {}],
    ] as const) {
      const from = scene.client.notifications.length;
      const { loginId } = await begin(scene);
      expect((await scene.client.call(call, params)).result).toEqual({});
      const { params: outcome } = await scene.client.message('loginChatGptComplete', from);
      expect(outcome).toMatchObject({ loginId, success: false });
      expect((await scene.client.message('authStatusChange', from)).params).toEqual(method);
    }
  });

  it('takes the port over from a login server of another program, and says so when it cannot', async () => {
    const scene = await start();
    const other = createServer((request, response) => {
      response.end('Login cancelled');
      if (request.url === '/cancel') other.close();
    });
    await once(other.listen(1455, '127.0.0.1'), 'listening');
    await begin(scene);
    await visit('/cancel');
    await scene.client.message('loginChatGptComplete');
    const stubborn = createServer((_request, response) => response.end('no'));
    onTestFinished(() => void stubborn.close());
    await once(stubborn.listen(1455, '127.0.0.1'), 'listening');
    const { error } = await scene.client.call('loginChatGpt');
    expect(error).toMatchObject({
      code: -32603,
      message: 'failed to start login server: Port 127.0.0.1:1455 is already in use',
    });
  });

  it('SEC-OAUTH-1: ends when its time is over', async () => {
    const issuer = await startIssuer();
    const manager = openManager(createAuthHome(), { issuerAddress: issuer.url, loginTimeLimitMs: 50 });
    const outcome = new Promise((resolve) => manager.loginOutcomes.on(resolve));
    const { loginId } = await manager.loginChatGpt();
    expect(await outcome).toEqual({ loginId, success: false, error: 'Login timed out' });
  });

  it('given up while the issuer is asked stores nothing', async () => {
    const issuer = await startIssuer();
    const home = createAuthHome();
    const manager = openManager(home, { issuerAddress: issuer.url });
    const { loginId, authUrl } = await manager.loginChatGpt();
    issuer.beforeAnswer = () => void manager.cancelLogin(loginId);
    const page = visit(await signIn(authUrl));
    expect((await page.catch(() => undefined))?.status).not.toBe(302);
    expect(existsSync(home.file)).toBe(false);
    expect(manager.seen).toEqual([]);
  });

  it.skipIf(chromium === undefined)('works from start to end in a browser', async () => {
    const scene = await start();
    const { authUrl, loginId } = await begin(scene);
    const browser = await launchBrowser(chromium ?? '');
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => void complaints.push(message.text()));
    page.on('pageerror', (error) => void complaints.push(`error: ${error.message}`));
    await page.goto(authUrl);
    await page.click('#sign-in');
    await page.waitForURL('http://localhost:1455/success?**');
    expect(await page.textContent('h1')).toBe('You are signed in');
    const { params } = await scene.client.message('loginChatGptComplete');
    expect(params).toEqual({ loginId, success: true });
    expect(await scene.daemon.get('/v1/user')).toEqual({ allegedUserEmail: X.email });
    expect(complaints.filter((text) => /security policy|error:/i.test(text))).toEqual([]);
    expect(await leaks(scene.place, scene.daemon)).toEqual([]);
  });

  it.skipIf(chromium === undefined)(
    'begun in the page is noticed there when it is done, and can be given up',
    async () => {
      const place = await createAuthPlace(answer);
      const { visit: visitPage, browser, daemon } = await openPageWorld(answer, { place });
      const page = await visitPage({}, '#/account');
      await page.getByRole('button', { name: 'Sign in with ChatGPT' }).click();
      const link = page.getByRole('link', { name: /^Open / });
      await link.waitFor();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByRole('button', { name: 'Sign in with ChatGPT' }).click();
      const issuer = await (await browser.newContext()).newPage();
      await issuer.goto((await link.getAttribute('href')) ?? '');
      await issuer.click('#sign-in');
      await issuer.waitForURL('http://localhost:1455/success?**');
      await page.getByText(`Signed in with ChatGPT as ${X.email}.`).waitFor();
      await page.getByRole('navigation').getByText(X.email).waitFor();
      await page.getByRole('button', { name: 'Sign out of the model provider' }).click();
      await page.getByText('Not signed in.').waitFor();
      expect(await daemon.get('/v1/auth/status')).toEqual({ requiresOpenaiAuth: true });
      expect(existsSync(place.authFile)).toBe(false);
    },
  );
});
