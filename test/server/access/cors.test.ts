import { describe, expect, it } from 'vitest';
import { openDoors } from '../../support/doors.ts';
import { type Answer, bearer, call, get } from '../../support/http.ts';

const APP = 'https://app.example';
const LISTED = { exposure: { allowedOrigins: [APP] } };
const preflight = (origin: string) => ({
  origin,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization, content-type',
  'access-control-request-private-network': 'true',
});

const corsOf = ({ headers }: Answer) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control')));

describe('SEC-CORS-1: a page', () => {
  it('of a listed origin may ask, and read the answer with the token', async () => {
    const { url } = await openDoors(LISTED);
    const asked = await call(`${url}/rpc`, { method: 'OPTIONS', headers: preflight(APP) });
    expect([asked.status, asked.text]).toEqual([204, '']);
    expect(corsOf(asked)).toMatchObject({
      'access-control-allow-origin': APP,
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': expect.stringContaining('Authorization'),
      'access-control-allow-private-network': 'true',
    });
    const answer = await get(`${url}/v1/user-agent`, { ...bearer, origin: APP });
    expect([answer.status, corsOf(answer)]).toMatchObject([200, { 'access-control-allow-origin': APP }]);
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
  });

  it('of a listed origin needs the token all the same, and may read why', async () => {
    const { url } = await openDoors(LISTED);
    const answer = await get(`${url}/v1/user-agent`, { origin: APP });
    expect([answer.status, corsOf(answer)]).toMatchObject([401, { 'access-control-allow-origin': APP }]);
  });

  it.each([
    'https://evil.example',
    'http://app.example',
    'https://app.example.evil.example',
    'https://app.example:8443',
    'http://localhost:3000',
    'null',
    '*',
    '',
  ])('of %j is refused without a CORS header', async (origin) => {
    const { url } = await openDoors(LISTED);
    for (const [method, headers] of [
      ['OPTIONS', preflight(origin)],
      ['GET', { ...bearer, origin }],
    ] as const) {
      const answer = await call(`${url}/v1/user-agent`, { method, headers });
      expect([answer.status, corsOf(answer)]).toEqual([403, {}]);
      expect(answer.headers.vary).toBe('Origin');
    }
  });

  it("of the daemon's own needs none", async () => {
    const { url } = await openDoors(LISTED);
    expect(corsOf(await get(`${url}/v1/user-agent`, { ...bearer, origin: url }))).toEqual({});
    const asked = await call(`${url}/rpc`, { method: 'OPTIONS', headers: preflight(url) });
    expect([asked.status, corsOf(asked)]).toEqual([401, {}]);
  });
});

describe('--public-url', () => {
  const publicUrl = 'https://codexd.example:8443';
  const open = () => openDoors({ exposure: { publicUrl } });

  it('SEC-HOST-1: allows its host with its port, and no other', async () => {
    const { url } = await open();
    const ask = async (host: string) => (await get(`${url}/v1/user-agent`, { ...bearer, host })).status;
    expect(await ask('codexd.example:8443')).toBe(200);
    expect(await ask('CODEXD.example:8443')).toBe(200);
    expect(await ask('codexd.example')).toBe(421);
    expect(await ask('codexd.example:443')).toBe(421);
    expect(await ask('a.codexd.example:8443')).toBe(421);
  });

  it('SEC-ORIG-1: counts as an origin of its own', async () => {
    const { url } = await open();
    const ask = async (origin: string) => (await get(`${url}/v1/user-agent`, { ...bearer, origin })).status;
    expect(await ask(publicUrl)).toBe(200);
    expect(await ask('http://codexd.example:8443')).toBe(403);
    expect(await ask('https://codexd.example')).toBe(403);
  });
});
