import type { FastifyInstance } from 'fastify';
import { describe, expect, it } from 'vitest';
import { CONVERSATION, type Doors, openDoors } from '../support/doors.ts';
import { type Answer, bearer, call } from '../support/http.ts';
import { routesOf } from '../support/routes.ts';

const PUBLIC = ['GET /healthz', 'HEAD /healthz', 'GET /readyz', 'HEAD /readyz'];
/** Carries its credential in the body, and is for scripts of the daemon's own page only. */
const SIGN_IN = 'POST /v1/session';
const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};

interface Way {
  name: string;
  method: string;
  path: string;
  headers: Record<string, string>;
}

/**
 * The route table as it is at run time, each address with all methods that there are, and what no table lists: unknown
 * addresses and upgrades.
 */
function waysIn(app: FastifyInstance): Way[] {
  const addresses = new Set(routesOf(app).map(({ url }) => url));
  const listed = [...addresses].flatMap((url) => app.supportedMethods.map((method) => way(method, url)));
  const unknown = ['GET', 'HEAD', 'OPTIONS', 'POST', 'PROPFIND'].map((method) => way(method, '/no/address'));
  const upgrades = ['/', '/rpc', '/v1/user-agent', '/no/address'].map((path) => ({
    ...way('GET', path),
    name: `upgrade of ${path}`,
    headers: UPGRADE,
  }));
  return [...listed, ...unknown, ...upgrades, way('GET', '/%zz'), way('GET', '//rpc'), way('GET', '/rpc/')];
}

const way = (method: string, url: string): Way => ({
  name: `${method} ${url}`,
  method,
  path: url.replace(/:\w+/g, CONVERSATION),
  headers: {},
});

/** The whole surface, with a list of the methods that were run behind it. */
async function openWatched(): Promise<Doors & { reached: string[]; ways: Way[] }> {
  const reached: string[] = [];
  const doors = await openDoors({
    dispatcher: { call: async (name) => reached.push(name), run: (def) => reached.push(def.name) },
    failureLimits: { burst: 10_000, interval: 1, perMinute: 10_000 },
  });
  return { ...doors, reached, ways: waysIn(doors.app) };
}

type Attempt = (way: Way) => { headers: Record<string, string>; body?: string };

/** Tries all ways in, a few at a time, and gives the answers by name. */
async function tryAll(url: string, ways: Way[], attempt: Attempt): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>();
  const waiting = [...ways];
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const { headers, body } = attempt(next);
      const options = { method: next.method, path: next.path, headers: { ...next.headers, ...headers } };
      answers.set(next.name, await call(url, { ...options, ...(body !== undefined && { body }) }));
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return answers;
}

const statuses = (answers: Map<string, Answer>) =>
  Object.fromEntries([...answers].map(([name, { status }]) => [name, status]));

/** Without a good credential. */
const refused = ({ name }: Way): number => {
  if (PUBLIC.includes(name)) return 200;
  return name === SIGN_IN ? 403 : 401;
};

const expected = (ways: Way[], status: (way: Way) => number) =>
  Object.fromEntries(ways.map((each) => [each.name, status(each)]));

describe('every way in', () => {
  it('SEC-GATE-1: is listed here with every method of every address, HEAD and OPTIONS among them', async () => {
    const { ways } = await openWatched();
    expect(ways.length).toBeGreaterThan(100);
    expect(ways.map(({ name }) => name)).toEqual(expect.arrayContaining(['HEAD /docs', 'OPTIONS /rpc']));
  });

  it('SEC-GATE-1 SEC-GATE-3: asks for a credential, except for the health checks', async () => {
    const { url, ways, reached } = await openWatched();
    const answers = await tryAll(url, ways, () => ({ headers: {} }));
    expect(statuses(answers)).toEqual(expected(ways, refused));
    expect(reached).toEqual([]);
  });

  it('SEC-TOK-3: refuses a wrong token everywhere', async () => {
    const { url, ways, reached } = await openWatched();
    const answers = await tryAll(url, ways, () => ({ headers: { authorization: 'Bearer wrong' } }));
    expect(statuses(answers)).toEqual(expected(ways, refused));
    expect(reached).toEqual([]);
  });

  it('SEC-HOST-1: refuses a foreign Host everywhere, with or without a token', async () => {
    const { url, ways, port, reached } = await openWatched();
    for (const credential of [{}, bearer]) {
      const headers = { ...credential, host: `evil.example:${port}` };
      expect(statuses(await tryAll(url, ways, () => ({ headers })))).toEqual(expected(ways, () => 421));
    }
    expect(reached).toEqual([]);
  });

  it('SEC-ORIG-1: refuses a foreign Origin everywhere, with or without a token', async () => {
    const { url, ways, reached } = await openWatched();
    for (const credential of [{}, bearer]) {
      const headers = { ...credential, origin: 'https://evil.example' };
      expect(statuses(await tryAll(url, ways, () => ({ headers })))).toEqual(expected(ways, () => 403));
    }
    expect(reached).toEqual([]);
  });

  it('SEC-CSRF-1: takes no body that is not JSON', async () => {
    const { url, ways, reached } = await openWatched();
    const plain = ways.filter(({ name }) => !name.startsWith('upgrade'));
    const body = '{"method":"getUserAgent"}';
    const headers = { ...bearer, 'content-type': 'text/plain', 'content-length': String(body.length) };
    const answers = await tryAll(url, plain, () => ({ headers, body }));
    const found = new Set([...answers.values()].map(({ status }) => status));
    expect([...found].sort()).toEqual([400, 403, 404, 405, 415]);
    expect(reached).toEqual([]);
  });

  it('SEC-CORS-1: sends no CORS header, whoever asks', async () => {
    const { url, ways } = await openWatched();
    const answers = await tryAll(url, ways, () => ({
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    }));
    for (const { headers } of answers.values()) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(headers.vary).toBe('Origin');
    }
  });

  it('SEC-XSSI-1 SEC-RED-6: puts the same protective headers on every answer', async () => {
    const { url, ways } = await openWatched();
    for (const { headers } of (await tryAll(url, ways, () => ({ headers: {} }))).values()) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
      });
      expect(headers.server).toBeUndefined();
    }
  });

  it('SEC-GATE-2: says 404 and 405 only to those who have the token', async () => {
    const { url } = await openWatched();
    const missing = await call(`${url}/no/address`, { headers: bearer });
    expect([missing.status, missing.json()]).toMatchObject([
      404,
      { code: -32601, reason: 'route_not_found' },
    ]);
    const other = await call(`${url}/v1/user-agent`, { method: 'DELETE', headers: bearer });
    expect([other.status, other.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(other.json()).toMatchObject({ code: -32601, reason: 'method_not_allowed' });
  });

  it('SEC-GATE-2: upgrades two addresses and no other', async () => {
    const { url, ways } = await openWatched();
    const upgrades = ways.filter(({ name }) => name.startsWith('upgrade'));
    const answers = await tryAll(url, upgrades, () => ({ headers: bearer }));
    expect(statuses(answers)).toEqual({
      'upgrade of /': 101,
      'upgrade of /rpc': 101,
      'upgrade of /v1/user-agent': 404,
      'upgrade of /no/address': 404,
    });
  });
});
