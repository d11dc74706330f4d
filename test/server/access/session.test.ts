import { describe, expect, it, vi } from 'vitest';
import { createSessions } from '../../../src/server/access/sessions.ts';
import { CODE_LIFETIME, createSignInCodes } from '../../../src/server/access/sign-in-codes.ts';
import { cookieOf, ownScript, signedIn, signIn, signOut } from '../../support/browser-session.ts';
import { openDoors, TOKEN, temporaryFolder } from '../../support/doors.ts';
import { openEvents } from '../../support/event-source.ts';
import { bearer, call, get, post } from '../../support/http.ts';
import { openWebSocket } from '../../support/websocket.ts';

const RPC = { id: 1, method: 'getUserAgent' };

describe('SEC-TOK-6: signing in', () => {
  it.each(['code', 'token'])(
    'with the %s gives a cookie that is neither the token nor readable by scripts',
    async (kind) => {
      const doors = await openDoors();
      const secret = kind === 'code' ? { code: doors.keyring.codes.mint() } : { token: TOKEN };
      const answer = await signIn(doors, secret);
      expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-store']);
      const [cookie = ''] = answer.headers['set-cookie'] ?? [];
      const [pair = '', ...attributes] = cookie.split('; ');
      expect(pair).toMatch(new RegExp(`^codexd_session_${doors.port}=cdx_[A-Za-z0-9_-]{43}$`));
      expect(attributes).toEqual(['HttpOnly', 'SameSite=Strict', 'Path=/', 'Max-Age=604800']);
      expect(cookie + answer.text).not.toContain(TOKEN);
      expect((await get(`${doors.url}/v1/user-agent`, cookieOf(answer))).status).toBe(200);
    },
  );

  it('with a code works once; the second use is refused and logged', async () => {
    const doors = await openDoors();
    const code = doors.keyring.codes.mint();
    expect((await signIn(doors, { code })).status).toBe(200);
    const again = await signIn(doors, { code });
    expect([again.status, again.json()]).toMatchObject([401, { code: -32002, reason: 'bootstrap_invalid' }]);
    expect(again.headers['set-cookie']).toBeUndefined();
    expect(doors.log).toContainEqual(
      expect.objectContaining({ level: 40, msg: 'a sign-in code was brought a second time' }),
    );
    expect(JSON.stringify(doors.log)).not.toContain(code);
  });

  it.each([
    [{ code: 'cdx_wrong' }, 401, 'bootstrap_invalid'],
    [{ code: TOKEN }, 401, 'bootstrap_invalid'],
    [{ token: `${TOKEN}x` }, 401, 'credential_invalid'],
    [{ token: '' }, 400, 'invalid_params'],
    [{}, 400, 'invalid_params'],
    [{ code: 'x', token: TOKEN }, 400, 'invalid_params'],
    [{ token: 'x'.repeat(5_000) }, 400, 'invalid_params'],
    [[], 400, 'invalid_params'],
  ])('is refused with %j', async (secret, status, reason) => {
    const answer = await signIn(await openDoors(), secret);
    expect([answer.status, answer.json()]).toMatchObject([status, { reason }]);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('needs a script of the page itself, even with a good code', async () => {
    const doors = await openDoors();
    const { origin = '', ...header } = ownScript(doors);
    const code = doors.keyring.codes.mint();
    const attempts = [
      {},
      header,
      { origin },
      { ...header, 'sec-fetch-site': 'none' },
      { origin, 'x-codexd-client': '0' },
    ];
    for (const headers of attempts) {
      const answer = await signIn(doors, { code }, headers as Record<string, string>);
      expect([answer.status, answer.json()]).toMatchObject([
        403,
        { code: -32002, reason: 'csrf_check_failed' },
      ]);
    }
    expect((await signIn(doors, { code }, { ...header, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  it('behind a proxy that speaks TLS gives a cookie for TLS only', async () => {
    const publicUrl = 'https://codexd.example';
    const doors = await openDoors({ exposure: { publicUrl } });
    const headers = { host: 'codexd.example', origin: publicUrl, 'x-codexd-client': '1' };
    const answer = await signIn(doors, { token: TOKEN }, headers);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^__Host-codexd_session_\d+=.*; Secure$/);
    const cookie = cookieOf(answer);
    expect((await get(`${doors.url}/v1/user-agent`, { host: 'codexd.example', ...cookie })).status).toBe(200);
  });

  it('takes a code for 60 seconds, and the five newest only', () => {
    let now = 0;
    const codes = createSignInCodes(() => now);
    const [first = '', second = '', ...later] = Array.from({ length: 7 }, () => codes.mint());
    expect(later[0]).toMatch(/^cdx_[A-Za-z0-9_-]{40}$/);
    expect([codes.redeem(first), codes.redeem(second)]).toEqual(['unknown', 'unknown']);
    now = CODE_LIFETIME;
    expect(codes.redeem(later[0] ?? '')).toBe('good');
    now += 1;
    expect(codes.redeem(later[1] ?? '')).toBe('unknown');
  });

  it('gives codes to the token and to the unix socket, and not to a session or a GET', async () => {
    const socketPath = `${temporaryFolder()}/s.sock`;
    const doors = await openDoors({ socketPath });
    const address = `${doors.url}/v1/session/codes`;
    const made = await call(address, { method: 'POST', headers: bearer });
    expect([made.status, made.json()]).toMatchObject([201, { code: expect.stringMatching(/^cdx_/) }]);
    const local = await call('http://codexd/v1/session/codes', { method: 'POST', socketPath });
    expect(local.status).toBe(201);
    const cookie = await signedIn(doors);
    const refused = await call(address, { method: 'POST', headers: { ...cookie, ...ownScript(doors) } });
    expect([refused.status, refused.json()]).toMatchObject([403, { reason: 'token_needed' }]);
    expect((await get(address)).status).toBe(405);
    expect((await get(`${doors.url}/v1/session`)).status).toBe(405);
  });
});

describe('a session', () => {
  it('ends by itself and tells what it opened', async () => {
    const sessions = createSessions(20);
    const id = sessions.open();
    const ended = sessions.present(id)?.ended;
    await vi.waitFor(() => expect(ended?.aborted).toBe(true));
    expect(sessions.present(id)).toBeUndefined();
  });

  it('that is one of too many ends, the oldest first', () => {
    const sessions = createSessions();
    const ids = Array.from({ length: 257 }, () => sessions.open());
    expect(ids.map((id) => sessions.present(id) !== undefined).indexOf(true)).toBe(1);
    sessions.closeAll();
  });

  it('that is not known is answered as ended, so that the page asks again', async () => {
    const { url, port } = await openDoors();
    const answer = await get(`${url}/v1/user-agent`, { cookie: `codexd_session_${port}=cdx_unknown` });
    expect([answer.status, answer.json()]).toMatchObject([401, { reason: 'session_expired' }]);
  });

  it('of another daemon on another port says nothing here', async () => {
    const doors = await openDoors();
    const { cookie } = await signedIn(doors);
    const other = cookie.replace(String(doors.port), String(doors.port + 1));
    const answer = await get(`${doors.url}/v1/user-agent`, { cookie: other });
    expect(answer.json()).toMatchObject({ reason: 'credential_missing' });
  });

  it('SEC-TOK-4: may stand beside the token, not beside a wrong one; an old one says nothing', async () => {
    const doors = await openDoors();
    const cookie = await signedIn(doors);
    const ask = (headers: Record<string, string>) => get(`${doors.url}/v1/user-agent`, headers);
    expect((await ask({ ...bearer, ...cookie })).status).toBe(200);
    const disagreeing = await ask({ authorization: 'Bearer wrong', ...cookie });
    expect([disagreeing.status, disagreeing.json()]).toMatchObject([400, { reason: 'credential_conflict' }]);
    expect((await ask({ ...bearer, cookie: `codexd_session_${doors.port}=old` })).status).toBe(200);
  });

  it('ends with the sign-out, and so does all that it opened', async () => {
    const doors = await openDoors();
    const [cookie, other] = [await signedIn(doors), await signedIn(doors)];
    const headers = { ...cookie, origin: doors.url };
    const socket = await openWebSocket(doors.url, { headers });
    const stays = await openWebSocket(doors.url, { headers: { ...other, origin: doors.url } });
    const events = await openEvents(`${doors.url}/v1/events`, {}, { ...headers });
    const answer = await signOut(doors, cookie);
    expect([answer.status, answer.text]).toEqual([200, '{}']);
    expect(answer.headers['set-cookie']?.[0]).toMatch(/^codexd_session_\d+=; .*Max-Age=0$/);
    expect(await socket.closed).toEqual([1008, 'credential ended']);
    expect(await events.rest()).toEqual([]);
    expect((await get(`${doors.url}/v1/user-agent`, cookie)).status).toBe(401);
    expect(await stays.call('getUserAgent')).toHaveProperty('result');
  });
});

describe('SEC-CSRF-3: a request with the cookie', () => {
  it('may read without more, but not for a page of another origin', async () => {
    const doors = await openDoors({ exposure: { allowedOrigins: ['https://app.example'] } });
    const cookie = await signedIn(doors);
    const address = `${doors.url}/v1/user-agent`;
    expect((await get(address, cookie)).status).toBe(200);
    const listed = await get(address, { ...cookie, origin: 'https://app.example' });
    expect([listed.status, listed.json()]).toMatchObject([403, { reason: 'csrf_check_failed' }]);
  });

  it.each(['/rpc', '/v1/conversations'])(
    'may change something only as a script of the page (POST %s)',
    async (path) => {
      const doors = await openDoors({ handlers: { newConversation: () => ({}) as never } });
      const cookie = await signedIn(doors);
      const script: Record<string, string> = ownScript(doors);
      for (const left of ['origin', 'x-codexd-client']) {
        const { [left]: _, ...headers } = script;
        const answer = await post(doors.url + path, RPC, { ...cookie, ...headers });
        expect([answer.status, answer.json()]).toMatchObject([
          403,
          { code: -32002, reason: 'csrf_check_failed' },
        ]);
      }
      expect((await post(`${doors.url}/rpc`, RPC, { ...cookie, ...script })).status).toBe(200);
      const bySite = { 'sec-fetch-site': 'same-origin', 'x-codexd-client': '1' };
      expect((await post(`${doors.url}/rpc`, RPC, { ...cookie, ...bySite })).status).toBe(200);
    },
  );

  it('opens a WebSocket only for a page of the daemon', async () => {
    const doors = await openDoors();
    const headers = await signedIn(doors);
    await expect(openWebSocket(doors.url, { headers })).rejects.toThrow('403');
    await expect(openWebSocket(doors.url, { headers, path: '/' })).rejects.toThrow('403');
    const peer = await openWebSocket(doors.url, { headers, origin: doors.url });
    expect(await peer.call('getUserAgent')).toMatchObject({ result: { userAgent: 'fake/0' } });
  });

  it('opens an event stream only for a page of the daemon', async () => {
    const doors = await openDoors();
    const cookie = await signedIn(doors);
    const address = `${doors.url}/v1/events`;
    for (const headers of [{}, { 'sec-fetch-site': 'none' }]) {
      await expect(openEvents(address, headers, cookie)).rejects.toThrow('403');
    }
    await openEvents(address, { 'sec-fetch-site': 'same-origin' }, cookie);
  });

  it('is not asked of a request with the token', async () => {
    const doors = await openDoors();
    expect((await post(`${doors.url}/rpc`, RPC)).status).toBe(200);
  });
});
