import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadWebPage } from '../../src/server/web-page.ts';
import { signedIn } from '../support/browser-session.ts';
import { openDoors } from '../support/doors.ts';
import { bearer, get } from '../support/http.ts';

const visit = { accept: 'text/html' };

function builtPage(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'codexd-page-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, 'index.html'), '<!doctype html><title>built</title>');
  writeFileSync(path.join(folder, 'page-abc.js'), 'let a;');
  writeFileSync(path.join(folder, 'page-abc.css'), 'a {}');
  return folder;
}

describe('the page that was built', () => {
  it('SEC-UI-1: is shown to who is signed in, under a policy that lets it load its own files alone', async () => {
    const doors = await openDoors({ page: loadWebPage(builtPage()) });
    const answer = await get(doors.url, { ...visit, ...(await signedIn(doors)) });
    expect([answer.status, answer.text]).toEqual([200, '<!doctype html><title>built</title>']);
    const policy = String(answer.headers['content-security-policy']).split('; ');
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
      ]),
    );
    expect(policy.join()).not.toMatch(/unsafe|\*|http/);
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('SEC-GATE-3: gives its files, which may be kept for good, to nobody without a credential', async () => {
    const { url } = await openDoors({ page: loadWebPage(builtPage()) });
    const script = await get(`${url}/page/page-abc.js`, bearer);
    expect([script.status, script.headers['content-type'], script.text]).toEqual([
      200,
      'text/javascript; charset=utf-8',
      'let a;',
    ]);
    expect(script.headers['cache-control']).toBe('private, max-age=31536000, immutable');
    expect((await get(`${url}/page/page-abc.css`, bearer)).headers['content-type']).toBe(
      'text/css; charset=utf-8',
    );
    expect((await get(`${url}/page/page-abc.js`, {})).status).toBe(401);
  });

  it('gives no other file than its own', async () => {
    const { url } = await openDoors({ page: loadWebPage(builtPage()) });
    for (const name of ['index.html', '..%2Findex.html', 'page-abd.js', '..%2F..%2Fetc%2Fpasswd']) {
      expect((await get(`${url}/page/${name}`, bearer)).status).toBe(404);
    }
  });

  it('is missing where it was not built', () => {
    expect(loadWebPage(path.join(os.tmpdir(), 'codexd-no-page'))).toBeUndefined();
  });
});
