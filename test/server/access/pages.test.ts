import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signedIn } from '../../support/browser-session.ts';
import { openDoors } from '../../support/doors.ts';
import { type Answer, bearer, call, get } from '../../support/http.ts';

/** As a browser asks when somebody goes to an address. */
const visit = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

function policyOf({ headers }: Answer): Map<string, string> {
  const directives = String(headers['content-security-policy']).split('; ');
  return new Map(directives.map((directive) => [directive.split(' ')[0] ?? '', directive]));
}

describe('SEC-GATE-3: the address that people go to', () => {
  it.each(['/', '/docs', '/?x=1'])(
    '%s shows the sign-in page with 401 to who is not signed in',
    async (path) => {
      const { url } = await openDoors();
      const answer = await get(url + path, visit);
      expect([answer.status, answer.headers['content-type']]).toEqual([401, 'text/html; charset=utf-8']);
      expect(answer.headers).toMatchObject({
        'www-authenticate': 'Bearer realm="codexd"',
        'cache-control': 'no-store',
      });
      expect(answer.text).toContain('<input id="token" type="password" autocomplete="current-password"');
      expect(answer.text).not.toContain('9.9.9');
      expect(answer.text).not.toMatch(/(?:src|href)="[^"]+"|https?:\/\//);
    },
  );

  it.each([
    ['*/*'],
    ['application/json'],
    ['application/json, text/html'],
    ['text/html;q=0.5, application/json'],
  ])('gives a program that accepts %s the problem', async (accept) => {
    const { url } = await openDoors();
    const answer = await get(url, { accept });
    expect([answer.status, answer.headers['content-type']]).toEqual([401, 'application/problem+json']);
  });

  it('shows the page to nobody at an address that is none', async () => {
    const { url } = await openDoors();
    for (const path of ['/v1/user-agent', '/no/address', '/openapi.json', '/rpc']) {
      const answer = await get(url + path, visit);
      expect([answer.status, answer.headers['content-type']]).toEqual([401, 'application/problem+json']);
    }
  });

  it('refuses the page under a foreign Host or to a foreign Origin', async () => {
    const { url } = await openDoors();
    expect((await get(url, { ...visit, host: 'evil.example' })).status).toBe(421);
    expect((await get(url, { ...visit, origin: 'https://evil.example' })).status).toBe(403);
  });

  it('shows who is signed in the start, and a program what there is', async () => {
    const doors = await openDoors();
    const page = await get(doors.url, { ...visit, ...(await signedIn(doors)) });
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain('Sign out');
    expect((await get(doors.url, bearer)).json()).toMatchObject({ name: 'codexd', rest: '/v1' });
    expect((await call(doors.url, { method: 'HEAD', headers: { ...bearer, ...visit } })).text).toBe('');
  });
});

describe('SEC-UI-1: a page', () => {
  it('runs its one script and applies its one style, by their hashes, and nothing else', async () => {
    const doors = await openDoors();
    for (const credential of [{}, await signedIn(doors)]) {
      const answer = await get(doors.url, { ...visit, ...credential });
      const policy = policyOf(answer);
      for (const [element, directive] of [
        ['script', 'script-src'],
        ['style', 'style-src'],
      ] as const) {
        const texts = [...answer.text.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))];
        expect(texts).toHaveLength(1);
        const hash = createHash('sha256')
          .update(texts[0]?.[1] ?? '')
          .digest('base64');
        expect(policy.get(directive)).toBe(`${directive} 'sha256-${hash}'`);
      }
      expect(policy.get('default-src')).toBe("default-src 'none'");
      expect(policy.get('connect-src')).toBe("connect-src 'self'");
      expect(policy.get('frame-ancestors')).toBe("frame-ancestors 'none'");
      expect(policy.get('base-uri')).toBe("base-uri 'none'");
    }
  });

  it('keeps others from framing, opening and reading it', async () => {
    const { url } = await openDoors();
    expect((await get(url, visit)).headers).toMatchObject({
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'permissions-policy': expect.stringContaining('camera=()'),
      'origin-agent-cluster': '?1',
    });
  });

  it('SEC-TOK-8: keeps no token and talks to its own origin only', async () => {
    const doors = await openDoors();
    for (const credential of [{}, await signedIn(doors)]) {
      const { text } = await get(doors.url, { ...visit, ...credential });
      expect(text).not.toMatch(/localStorage|sessionStorage|indexedDB|document\.cookie|location\.search/);
    }
  });
});
