import { describe, expect, it } from 'vitest';
import { isAllowedOrigin } from '../../src/server/origin.ts';
import { openDoors } from '../support/doors.ts';
import { bearer, get, post } from '../support/http.ts';
import { openWebSocket } from '../support/websocket.ts';

const policy = { port: 4517, allowed: ['https://app.example'] };
const target = { method: 'POST', path: '/rpc' };

describe('SEC-ORIG-1: the Origin header', () => {
  it.each([
    'http://localhost:4517',
    'http://127.0.0.1:4517',
    'http://[::1]:4517',
    'https://app.example',
    undefined,
  ])('may be %s', (origin) => {
    expect(isAllowedOrigin(origin === undefined ? {} : { origin }, policy, target)).toBe(true);
  });

  it.each([
    '',
    'null',
    'https://evil.example',
    'https://localhost:4517',
    'http://localhost:4517.evil.example',
    'http://localhost:4517/',
    'http://localhost',
    'https://app.example.evil.example',
    'https://sub.app.example',
    'http://app.example',
    'file://',
  ])('must not be %j', (origin) => {
    expect(isAllowedOrigin({ origin }, policy, target)).toBe(false);
  });

  it('SEC-ORIG-2: of another local port is foreign', async () => {
    const { url } = await openDoors();
    const refused = await get(`${url}/v1/user-agent`, { ...bearer, origin: 'http://localhost:3000' });
    expect([refused.status, refused.json()]).toMatchObject([
      403,
      { code: -32002, reason: 'origin_not_allowed' },
    ]);
  });

  it('is checked before the upgrade, even with a valid token', async () => {
    const { url } = await openDoors();
    await expect(openWebSocket(url, { origin: 'https://evil.example' })).rejects.toThrow('403');
    const own = await openWebSocket(url, { origin: url });
    expect(await own.call('getUserAgent')).toMatchObject({ result: { userAgent: 'fake/0' } });
  });

  it('may be one that was allowed on purpose, which then is cross-site', async () => {
    const { url } = await openDoors({ exposure: { allowedOrigins: ['https://app.example'] } });
    const headers = { ...bearer, origin: 'https://app.example', 'sec-fetch-site': 'cross-site' };
    expect((await get(`${url}/v1/user-agent`, headers)).status).toBe(200);
  });
});

describe('SEC-ORIG-3: Sec-Fetch-Site', () => {
  const site = (value: string, more = {}) => ({ 'sec-fetch-site': value, ...more });
  const navigation = site('cross-site', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' });

  it.each(['same-origin', 'none'])('may be %s', (value) => {
    expect(isAllowedOrigin(site(value), policy, target)).toBe(true);
  });

  it.each(['same-site', 'cross-site', 'anything'])('must not be %s', (value) => {
    expect(isAllowedOrigin(site(value), policy, target)).toBe(false);
  });

  it('may be cross-site when a link leads to a page, and to nothing else', () => {
    expect(isAllowedOrigin(navigation, policy, { method: 'GET', path: '/' })).toBe(true);
    expect(isAllowedOrigin(navigation, policy, { method: 'POST', path: '/' })).toBe(false);
    expect(isAllowedOrigin(navigation, policy, { method: 'GET', path: '/v1/user-agent' })).toBe(false);
    expect(
      isAllowedOrigin({ ...navigation, 'sec-fetch-dest': 'iframe' }, policy, { method: 'GET', path: '/' }),
    ).toBe(false);
  });

  it('is checked on real requests', async () => {
    const { url } = await openDoors();
    const headers = { ...bearer, 'sec-fetch-site': 'cross-site' };
    expect((await post(`${url}/rpc`, { id: 1, method: 'getUserAgent' }, headers)).status).toBe(403);
  });
});
