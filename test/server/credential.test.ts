import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openDoors, TOKEN } from '../support/doors.ts';
import { bearer, get, raw } from '../support/http.ts';
import { openWebSocket } from '../support/websocket.ts';

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

async function ask(headers: Record<string, string>, query = '') {
  const { url } = await openDoors();
  return get(`${url}/v1/user-agent${query}`, headers);
}

describe('a credential', () => {
  it.each([
    ['a Bearer token', `Bearer ${TOKEN}`],
    ['a scheme in another case', `bEARER ${TOKEN}`],
    ['Basic of user codexd', basic(`codexd:${TOKEN}`)],
  ])('SEC-TOK-4: may be %s', async (_name, authorization) => {
    expect((await ask({ authorization })).status).toBe(200);
  });

  it.each([
    ['another token', 'Bearer cdx_nothing', 'credential_invalid'],
    ['a prefix', `Bearer ${TOKEN.slice(0, -1)}`, 'credential_invalid'],
    ['one character more', `Bearer ${TOKEN}x`, 'credential_invalid'],
    ['another case', `Bearer ${TOKEN.toUpperCase()}`, 'credential_invalid'],
    ['bytes beyond ASCII', 'Bearer t\u00f6ken', 'credential_invalid'],
    ['nothing after the scheme', 'Bearer ', 'credential_malformed'],
    ['two words', `Bearer ${TOKEN} x`, 'credential_malformed'],
    ['an unknown scheme', `Digest ${TOKEN}`, 'credential_malformed'],
    ['Basic of another user', basic(`root:${TOKEN}`), 'credential_malformed'],
    ['Basic without password', basic('codexd:'), 'credential_malformed'],
    ['Basic that is no base64', 'Basic %%%', 'credential_malformed'],
  ])('SEC-TOK-3: must not be %s', async (_name, authorization, reason) => {
    const answer = await ask({ authorization });
    expect(answer.status).toBe(401);
    expect(answer.json()).toMatchObject({ code: -32002, reason });
    expect(answer.headers['www-authenticate']).toBe('Bearer realm="codexd", error="invalid_token"');
    expect(answer.text).not.toContain(TOKEN.slice(0, 20));
  });

  it('SEC-DISC-3: that is missing is explained to the letter', async () => {
    const answer = await ask({});
    expect(answer.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'www-authenticate': 'Bearer realm="codexd"',
    });
    expect(answer.json()).toEqual({
      type: 'urn:codexd:problem:unauthorized',
      title: 'Authentication required',
      status: 401,
      code: -32002,
      reason: 'credential_missing',
      detail:
        "No credential was sent. Send 'Authorization: Bearer TOKEN'; 'codexd token' on this machine prints it, for example: curl -H \"Authorization: Bearer $(codexd token)\" $(codexd url)/v1/user-agent. For the web page open the link that 'codexd serve' prints.",
    });
  });

  it.each(['token', 'access_token'])('SEC-TOK-5: is not taken from ?%s=', async (name) => {
    const answer = await ask({}, `?a=b&${name}=${TOKEN}`);
    expect([answer.status, answer.json()]).toMatchObject([401, { reason: 'query_token_not_accepted' }]);
    expect(answer.text).toContain('Authorization: Bearer');
  });

  it('SEC-TOK-5: of the query string is not written to the log', async () => {
    const { url, log } = await openDoors();
    await get(`${url}/v1/user-agent?token=${TOKEN}`, {});
    await vi.waitFor(() =>
      expect(log).toContainEqual(expect.objectContaining({ msg: 'answered', status: 401 })),
    );
    expect(JSON.stringify(log)).not.toContain(TOKEN);
  });

  it('SEC-TOK-4: must not be sent twice', async () => {
    const { port } = await openDoors();
    const authorization = `Authorization: ${bearer.authorization}`;
    const lines = ['GET /v1/user-agent HTTP/1.1', `Host: localhost:${port}`, 'Connection: close'];
    const answer = await raw(port, [...lines, authorization, authorization, '', ''].join('\r\n'));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"reason":"credential_conflict"');
  });

  it('SEC-TOK-4: of a WebSocket may be offered as a subprotocol, which is not echoed', async () => {
    const { url } = await openDoors();
    const { WebSocket } = await import('ws');
    const socket = new WebSocket(`${url.replace('http', 'ws')}/rpc`, ['codexd.v1', `codexd.bearer.${TOKEN}`]);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    expect(socket.protocol).toBe('codexd.v1');
    socket.terminate();
  });

  it('SEC-TOK-4: must not disagree with another one of the same request', async () => {
    const { url } = await openDoors();
    const headers = { ...bearer, 'sec-websocket-protocol': 'codexd.v1, codexd.bearer.other' };
    await expect(openWebSocket(url, { headers })).rejects.toThrow('400');
  });

  it('SEC-GATE-1: is asked for before the upgrade, with the same help', async () => {
    const { port } = await openDoors();
    const answer = await raw(
      port,
      [
        'GET /rpc HTTP/1.1',
        `Host: localhost:${port}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        '',
        '',
      ].join('\r\n'),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 401 /);
    expect(answer).toContain("Send 'Authorization: Bearer TOKEN'");
  });
});

describe('SEC-TOK-3: the token', () => {
  it('is compared in one place, by digests of one length', () => {
    const src = path.resolve(import.meta.dirname, '../../src');
    const files = globSync('{server,daemon,cli}/**/*.ts', { cwd: src });
    const texts = new Map(files.map((file) => [file, readFileSync(path.join(src, file), 'utf8')]));
    const having = (pattern: RegExp) =>
      [...texts].filter(([, text]) => pattern.test(text)).map(([file]) => file);
    expect(having(/timingSafeEqual\(/)).toEqual(['server/access/live-token.ts']);
    expect(
      having(/\b(?:token|TOKEN|candidate|secret)(?:\.value)?\s*[!=]==?(?!=|\s*(?:undefined|null|''))/),
    ).toEqual([]);
  });
});
