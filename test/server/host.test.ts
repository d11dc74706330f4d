import { describe, expect, it } from 'vitest';
import { isAllowedHost } from '../../src/server/host.ts';
import { openDoors } from '../support/doors.ts';
import { bearer, get, raw } from '../support/http.ts';

const policy = { bound: '192.168.7.5', port: 4517, allowed: ['codexd.internal'] };

describe('SEC-HOST-1: the Host header', () => {
  it.each([
    'localhost',
    'localhost:4517',
    'LOCALHOST:4517',
    '127.0.0.1',
    '127.0.0.1:4517',
    '127.8.9.10:4517',
    '[::1]',
    '[::1]:4517',
    '192.168.7.5:4517',
    'codexd.internal',
    'Codexd.Internal:4517',
  ])('may be %s', (host) => {
    expect(isAllowedHost(host, policy)).toBe(true);
  });

  it.each([
    '',
    ' ',
    'localhost ',
    'localhost, localhost',
    'localhost.',
    'LOCALHOST.',
    'localhost:',
    'localhost:80',
    'localhost:04517',
    'localhost:45170',
    'localhost:4517@evil.example',
    'localhost:4517:4517',
    'localhost.evil.example',
    'evil.example',
    'evil.example:4517',
    '127.evil.example',
    '127.0.0.1.nip.io',
    '127.0.0.1.',
    '127.0.0.256',
    '127.0.0.01',
    '127.1',
    '0',
    '0.0.0.0',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '[::ffff:127.0.0.1]',
    '[::]',
    '[0:0:0:0:0:0:0:1]',
    '::1',
    'sub.codexd.internal',
    'http://localhost',
    'localhost/',
  ])('must not be %j', (host) => {
    expect(isAllowedHost(host, policy)).toBe(false);
  });

  it('is answered with 421 and the name of the flag', async () => {
    const { url } = await openDoors();
    const refused = await get(`${url}/v1/user-agent`, { ...bearer, host: '127.0.0.1.nip.io' });
    expect(refused.status).toBe(421);
    expect(refused.json()).toMatchObject({ status: 421, code: -32002, reason: 'host_not_allowed' });
    expect(refused.text).toContain('--allowed-host');
  });

  it('may be a name that was allowed on purpose', async () => {
    const { url, port } = await openDoors({ exposure: { allowedHosts: ['My.Box'] } });
    const answer = await get(`${url}/v1/user-agent`, { ...bearer, host: `my.box:${port}` });
    expect(answer.status).toBe(200);
  });
});

describe('SEC-HOST-2: a request is refused with 400', () => {
  const lines = (...all: string[]) => `${all.join('\r\n')}\r\nConnection: close\r\n\r\n`;
  const token = `Authorization: ${bearer.authorization}`;

  it.each([
    ['HTTP/1.1 without Host', () => lines('GET /v1/user-agent HTTP/1.1', token)],
    ['HTTP/1.0 without Host', () => lines('GET /v1/user-agent HTTP/1.0', token)],
    [
      'two Host headers',
      (port: number) =>
        lines('GET /v1/user-agent HTTP/1.1', `Host: 127.0.0.1:${port}`, 'host: evil.example', token),
    ],
    [
      'a target of another host',
      (port: number) =>
        lines('GET http://evil.example/v1/user-agent HTTP/1.1', `Host: 127.0.0.1:${port}`, token),
    ],
  ])('with %s', async (_name, request) => {
    const { port } = await openDoors();
    const answer = await raw(port, request(port));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"reason":"host_malformed"');
  });

  it('but not when the target names the same host', async () => {
    const { port } = await openDoors();
    const target = `http://127.0.0.1:${port}/v1/user-agent`;
    const answer = await raw(port, lines(`GET ${target} HTTP/1.1`, `Host: 127.0.0.1:${port}`, token));
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  });
});
