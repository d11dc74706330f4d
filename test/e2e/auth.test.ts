import { execFile } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { textAnswer } from '../../src/demo/responses.ts';
import { installReference } from '../interop/harness/install.ts';
import { createAuthPlace, leaks, openSurfaces } from '../support/auth/place.ts';
import { CANARY, chatGptFile, DAY_MS, X, Y } from '../support/auth/tokens.ts';

const KEY = `sk-${CANARY}-key-of-the-test`;
const HELLO_036 = {
  protocolVersion: '2025-03-26',
  capabilities: {},
  clientInfo: { name: 't', version: '1' },
};
const answer = () => textAnswer('ok');
const run = promisify(execFile);
const reference = await installReference();

describe('a change of the login', { timeout: 60_000 }, () => {
  it.skipIf('missing' in reference)(
    'reaches clients on every surface once each, whoever made it',
    async () => {
      const place = await createAuthPlace(answer);
      const daemon = await place.start();
      const surfaces = await openSurfaces(place, daemon);
      const env = { ...process.env, CODEX_HOME: place.home };
      const codex = (...args: string[]) => run('binary' in reference ? reference.binary : '', args, { env });
      const replacement = path.join(place.home, 'replacement');
      const changes: [() => unknown, object][] = [
        [() => daemon.post('/v1/auth/login/api-key', { apiKey: KEY }), { authMethod: 'apikey' }],
        [() => daemon.post('/v1/auth/logout'), {}],
        [
          () => {
            writeFileSync(replacement, JSON.stringify(chatGptFile(X)));
            renameSync(replacement, place.authFile);
          },
          { authMethod: 'chatgpt' },
        ],
        [() => place.writeAuth({ OPENAI_API_KEY: KEY }), { authMethod: 'apikey' }],
        [() => rmSync(place.authFile), {}],
        [() => codex('login', '--api-key', KEY), { authMethod: 'apikey' }],
        [() => codex('login', '--api-key', `${KEY}-2`), { authMethod: 'apikey' }],
        [() => codex('logout'), {}],
      ];
      for (const [index, [change]] of changes.entries()) {
        await change();
        const start = performance.now();
        await Promise.all(surfaces.map((surface) => surface.heard(index + 1)));
        expect(performance.now() - start).toBeLessThan(1500);
      }
      const expected = changes.map(([, params]) => ['authStatusChange', params]);
      for (const { name, news } of surfaces) expect([name, news()]).toEqual([name, expected]);
      expect(await leaks(place, daemon, surfaces)).toEqual([]);
    },
  );

  it('is in force at the next request of a running conversation', async () => {
    const place = await createAuthPlace(answer);
    place.writeAuth(chatGptFile(X));
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const events = await daemon.stream(`/v1/conversations/${conversationId}/events`);
    const turn = async () => {
      const from = events.notifications.length;
      await daemon.say(conversationId, 'hi');
      await events.event('task_complete', from);
    };
    await turn();
    place.writeAuth(chatGptFile(Y));
    await turn();
    await daemon.post('/v1/auth/login/api-key', { apiKey: KEY });
    await turn();
    await daemon.post('/v1/auth/logout');
    await turn();
    expect(place.signatures()).toEqual([
      [expect.stringContaining(X.id), X.id],
      [expect.stringContaining(Y.id), Y.id],
      [KEY, undefined],
      [undefined, undefined],
    ]);
    expect(await leaks(place, daemon)).toEqual([]);
  });
});

describe('the login as clients see it', () => {
  it('SEC-OAUTH-6: is told with its token to who asks for it, and without to a GET', async () => {
    const place = await createAuthPlace(answer);
    place.writeAuth(chatGptFile(X));
    const daemon = await place.start();
    const file = chatGptFile(X, place.issuer.login(X));
    place.writeAuth(file);
    const { access_token: token } = file.tokens as { access_token: string };
    const status = await daemon.fetch('/v1/auth/status?includeToken=true&refreshToken=true');
    expect(status.headers.get('cache-control')).toBe('no-store');
    expect(await status.json()).toEqual({ authMethod: 'chatgpt', requiresOpenaiAuth: true });
    expect(place.issuer.requests).toEqual([]);
    const { body } = await daemon.post('/v1/auth/status', { includeToken: true });
    expect(body).toEqual({ authMethod: 'chatgpt', authToken: token, requiresOpenaiAuth: true });
    const { body: refreshed } = await daemon.post('/v1/auth/status', {
      includeToken: true,
      refreshToken: true,
    });
    expect(refreshed.authToken).not.toBe(token);
    expect(await daemon.get('/v1/user')).toEqual({ allegedUserEmail: X.email });
  });

  it('SEC-OAUTH-7: ends by a logout on this machine only, and a turn that runs then fails', async () => {
    const first = Promise.withResolvers<void>();
    const place = await createAuthPlace(async ({ index, headers }) => {
      if (index === 0) await first.promise;
      return headers.authorization === undefined || index === 0
        ? { status: 401, body: { error: { message: 'no credential' } } }
        : textAnswer('ok');
    });
    place.writeAuth(chatGptFile(X, place.issuer.login(X)));
    const daemon = await place.start(['-c', 'model_providers.test.stream_max_retries=0']);
    const surfaces = await openSurfaces(place, daemon);
    const { conversationId } = await daemon.newConversation();
    const events = await daemon.stream(`/v1/conversations/${conversationId}/events`);
    await daemon.say(conversationId, 'hi');
    await place.model.waitForRequests(1);
    expect((await daemon.post('/v1/auth/logout')).status).toBe(200);
    await Promise.all(surfaces.map((surface) => surface.heard(1)));
    first.resolve();
    expect((await events.event('error')).params.msg.message).toContain('401 Unauthorized');
    await events.event('task_complete');
    expect(existsSync(place.authFile)).toBe(false);
    expect(place.issuer.requests).toEqual([]);
    for (const { name, news } of surfaces) expect([name, news()]).toEqual([name, [['authStatusChange', {}]]]);
  });

  it('is not announced where the provider needs none', async () => {
    const place = await createAuthPlace(answer);
    place.writeAuth({ OPENAI_API_KEY: KEY });
    const daemon = await place.start(['-c', 'model_providers.test.requires_openai_auth=false']);
    expect(await daemon.get('/v1/auth/status')).toEqual({ requiresOpenaiAuth: false });
  });

  it('SEC-OAUTH-6: refuses keys that cannot be any, without repeating them', async () => {
    const place = await createAuthPlace(answer);
    const daemon = await place.start();
    const client = await daemon.connect();
    for (const apiKey of ['', `${KEY}\n`, `${KEY} x`, `${KEY}é`]) {
      const { error } = await client.call('loginApiKey', { apiKey });
      expect(error).toMatchObject({ code: -32602, message: expect.stringContaining('apiKey') });
      expect(JSON.stringify(error)).not.toContain(CANARY);
    }
    expect(await daemon.get('/v1/auth/status')).toEqual({ requiresOpenaiAuth: true });
  });

  it('allows what the configuration allows', async () => {
    const place = await createAuthPlace(answer, 'forced_login_method = "chatgpt"');
    const daemon = await place.start();
    const { status, body } = await daemon.post('/v1/auth/login/api-key', { apiKey: KEY });
    expect(status).toBe(400);
    expect(body).toMatchObject({ code: -32600, reason: 'method_not_allowed' });
    expect(await leaks(place, daemon)).toEqual([]);
  });
});

describe('a refresh', { timeout: 30_000 }, () => {
  it('follows a 401 of the model, and the request is made once more with the new token', async () => {
    let refused = '';
    const place = await createAuthPlace(({ headers }) => {
      const token = headers.authorization ?? '';
      refused ||= token;
      return token === refused ? { status: 401, body: token } : textAnswer('ok');
    });
    place.writeAuth(chatGptFile(X, place.issuer.login(X)));
    const daemon = await place.start();
    const { conversationId } = await daemon.newConversation();
    const events = await daemon.stream(`/v1/conversations/${conversationId}/events`);
    await daemon.say(conversationId, 'hi');
    const { params } = await events.event('task_complete');
    expect(params.msg.last_agent_message).toBe('ok');
    expect(place.model.requests).toHaveLength(2);
    expect(place.issuer.requests).toHaveLength(1);
    expect(statSync(place.authFile).mode & 0o777).toBe(0o600);
    expect(events.notifications.map(({ method }) => method)).not.toContain('authStatusChange');
    expect(await leaks(place, daemon)).toEqual([]);
  });

  it('SEC-REF-2: that is refused is told to clients on every surface once, and so is the login after it', async () => {
    const place = await createAuthPlace(answer);
    const file = chatGptFile(X, undefined, 29 * DAY_MS);
    place.writeAuth(file);
    const daemon = await place.start(['-c', 'model_providers.test.stream_max_retries=0']);
    const surfaces = await openSurfaces(place, daemon);
    const old = await daemon.connect();
    await old.call('initialize', HELLO_036);
    old.socket.send(JSON.stringify({ method: 'notifications/initialized' }));
    const { conversationId } = await daemon.newConversation();
    const events = await daemon.stream(`/v1/conversations/${conversationId}/events`);
    for (const from of [0, 1]) {
      const before = events.notifications.length;
      await daemon.say(conversationId, `hi ${from}`);
      await events.event('task_complete', before);
    }
    await Promise.all(surfaces.map((surface) => surface.heard(1)));
    expect(await daemon.get('/v1/auth/status')).toEqual({ requiresOpenaiAuth: true });
    expect(JSON.parse(readFileSync(place.authFile, 'utf8'))).toEqual(file);
    place.writeAuth(chatGptFile(X));
    await Promise.all(surfaces.map((surface) => surface.heard(2)));
    expect(await daemon.get('/v1/auth/status')).toEqual({ authMethod: 'chatgpt', requiresOpenaiAuth: true });
    const expected = [
      ['authStatusChange', { reason: 'refresh_token_reused' }],
      ['authStatusChange', { authMethod: 'chatgpt' }],
    ];
    for (const { name, news } of surfaces) expect([name, news()]).toEqual([name, expected]);
    // A client of 0.36 hears what the reference would say, and of the other program.
    expect(old.notifications.map(({ params }) => params)).toEqual([{ authMethod: 'chatgpt' }]);
    expect(await leaks(place, daemon, surfaces)).toEqual([]);
  });

  it('that is refused ends the turn with a clear error, and no secret is in it', async () => {
    const place = await createAuthPlace(answer, '');
    place.writeAuth(chatGptFile(X, undefined, 29 * DAY_MS));
    const daemon = await place.start(['-c', 'model_providers.test.stream_max_retries=1']);
    const { conversationId } = await daemon.newConversation();
    const events = await daemon.stream(`/v1/conversations/${conversationId}/events`);
    await daemon.say(conversationId, 'hi');
    const { params } = await events.event('error');
    expect(params.msg.message).toBe('Failed to refresh token: 401 Unauthorized');
    await events.event('task_complete');
    expect(place.model.requests).toEqual([]);
    expect(JSON.stringify(events.notifications)).not.toContain(CANARY);
    expect(await leaks(place, daemon)).toEqual([]);
  });
});
