import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Doors, startDoors } from '../support/doors.ts';
import { bearer, call, raw } from '../support/http.ts';

let doors: Doors;
beforeAll(async () => {
  doors = await startDoors();
});
afterAll(() => doors.listening.close());

const BODY = '{"id":1,"method":"getUserAgent"}';
const JSON_TYPE = 'Content-Type: application/json';

/** What the server answers to these header lines and this body, over and out. */
function send(lines: readonly string[], body = ''): Promise<string> {
  const head = [`Host: localhost:${doors.port}`, `Authorization: ${bearer.authorization}`];
  const [first = '', ...rest] = lines;
  return raw(doors.port, `${[first, ...head, ...rest].join('\r\n')}\r\n\r\n${body}`);
}

describe('SEC-SMUG-1: a request that two readers may understand differently is refused and its connection closed', () => {
  it.each<[string, string[], string]>([
    ['two lengths', ['POST /rpc HTTP/1.1', JSON_TYPE, 'Content-Length: 32', 'Content-Length: 5'], BODY],
    [
      'a length and chunks',
      ['POST /rpc HTTP/1.1', JSON_TYPE, 'Content-Length: 5', 'Transfer-Encoding: chunked'],
      '0\r\n\r\n',
    ],
    ['a length that is no number', ['POST /rpc HTTP/1.1', JSON_TYPE, 'Content-Length: +32'], BODY],
    ['a negative length', ['POST /rpc HTTP/1.1', JSON_TYPE, 'Content-Length: -1'], BODY],
    [
      'chunks of a size that is none',
      ['POST /rpc HTTP/1.1', JSON_TYPE, 'Transfer-Encoding: chunked'],
      'zz\r\n{}\r\n0\r\n\r\n',
    ],
    [
      'a coding after the chunks',
      ['POST /rpc HTTP/1.1', JSON_TYPE, 'Transfer-Encoding: chunked, identity'],
      '0\r\n\r\n',
    ],
    ['an unknown coding', ['POST /rpc HTTP/1.1', JSON_TYPE, 'Transfer-Encoding: xchunked'], '0\r\n\r\n'],
    ['a header that goes on in the next line', ['GET /v1/user-agent HTTP/1.1', 'X-Long: a', ' b'], ''],
    ['a space in the name of a header', ['GET /v1/user-agent HTTP/1.1', 'X Bad: a'], ''],
    ['a space before the colon', ['POST /rpc HTTP/1.1', JSON_TYPE, 'Content-Length : 32'], BODY],
    ['a NUL in a header', ['GET /v1/user-agent HTTP/1.1', 'X-Nul: a\0b'], ''],
    ['a lone CR in a header', ['GET /v1/user-agent HTTP/1.1', 'X-Cr: a\rb'], ''],
    ['an unknown version', ['GET /v1/user-agent HTTP/9.9'], ''],
    ['the beginning of HTTP/2', ['PRI * HTTP/2.0'], 'SM\r\n\r\n'],
    ['no HTTP at all', ['\x16\x03\x01\x02\x00\x01'], ''],
  ])('%s', async (_name, lines, body) => {
    const answer = await send(lines, body);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
    expect(answer).toContain('application/problem+json');
  });

  it('lines that end in LF alone', async () => {
    const answer = await raw(
      doors.port,
      `GET /v1/user-agent HTTP/1.1\nHost: localhost:${doors.port}\nAuthorization: ${bearer.authorization}\n\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('an upgrade with a body', async () => {
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    const answer = await send(
      ['GET /rpc HTTP/1.1', ...upgrade, 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Content-Length: 2'],
      '{}',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('HTTP/2 is not offered', async () => {
    const headers = {
      ...bearer,
      connection: 'Upgrade, HTTP2-Settings',
      upgrade: 'h2c',
      'http2-settings': 'AAMAAABk',
    };
    expect((await call(`${doors.url}/v1/user-agent`, { headers })).status).toBe(200);
  });
});

describe('SEC-PATH-4: an address that is spelled to lead elsewhere', () => {
  it.each([
    '/../../auth.json',
    '/%2e%2e/%2e%2e/auth.json',
    '/%2e%2e%2fauth.json',
    '/%252e%252e%252fauth.json',
    '/docs/../../auth.json',
    '/docs/..%5cauth.json',
    '/docs%00',
    '/docs/%c0%ae%c0%ae/auth.json',
    '//docs',
    '/./docs',
    '/docs.',
    '/docs/',
    '/v1/conversations/%2e%2e%2fauth.json',
    '/v1/conversations/a%2fb',
    '/v1/conversations/..%5c..%5cauth.json',
    '/v1/conversations/%00',
    '/v1/conversations/%zz',
  ])('%s is answered with 400 or 404', async (target) => {
    const answer = await send([`GET ${target} HTTP/1.1`, 'Connection: close']);
    expect(answer).toMatch(/^HTTP\/1\.1 (400|404) /);
    expect(answer).not.toMatch(/OPENAI_API_KEY|<h1>/);
  });
});

describe('SEC-PORT-1: a probe without a credential', () => {
  it('learns neither name nor version', async () => {
    for (const target of ['/', '/v1/server', '/nowhere', '/docs']) {
      const answer = await raw(
        doors.port,
        `GET ${target} HTTP/1.1\r\nHost: localhost:${doors.port}\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).not.toMatch(/^(Server|X-Powered-By):/im);
      expect(answer).not.toContain('9.9.9');
    }
  });
});
