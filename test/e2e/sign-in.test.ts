import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { spawn } from '@lydell/node-pty';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { type AttackerSite, startAttackerSite } from '../support/browser/attacker-site.ts';
import { findChromium, launchBrowser } from '../support/browser/chromium.ts';
import { type StandingDaemon, startStandingDaemon } from '../support/standing-daemon.ts';

const CLI = path.resolve(import.meta.dirname, '../../dist/cli.js');
const chromium = findChromium();
if (chromium === undefined) console.warn('skipped: signing in from a browser needs chromium on the PATH');

let world: StandingDaemon;
beforeAll(async () => {
  world = await startStandingDaemon();
}, 60_000);
afterAll(async () => {
  await world?.[Symbol.asyncDispose]();
});

const token = (): string => readFileSync(path.join(world.home, 'codexd', 'token'), 'utf8');
const accepts = async (candidate: string): Promise<boolean> => {
  const answer = await fetch(`${world.daemon.url}/v1/user-agent`, {
    headers: { authorization: `Bearer ${candidate}` },
  });
  return answer.ok;
};

/** Close code and reason of a WebSocket that is open when this resolves. */
async function openSocket(): Promise<{ closed: Promise<[number, string]> }> {
  const socket = new WebSocket(`${world.daemon.url.replace('http', 'ws')}/rpc`, {
    headers: { authorization: `Bearer ${token()}` },
  });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  return { closed: once(socket, 'close').then(([code, reason]) => [code, String(reason)]) };
}

describe('SEC-TOK-7: the token of a running daemon', () => {
  it('is replaced by codexd token --rotate; what the old one opened ends within a second', async () => {
    const old = token();
    const { closed } = await openSocket();
    const rotated = world.cli(['token', '--rotate']);
    await vi.waitFor(() => expect(token()).not.toBe(old), { interval: 10, timeout: 10_000 });
    const replaced = performance.now();
    expect(await closed).toEqual([1008, 'credential ended']);
    expect(performance.now() - replaced).toBeLessThan(1_500);
    const { code, stdout, stderr } = await rotated;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: `${token()}\n`, stderr: '' });
    expect([await accepts(old), await accepts(token())]).toEqual([false, true]);
  });

  it('is made anew when its file is deleted', async () => {
    const old = token();
    const { closed } = await openSocket();
    rmSync(path.join(world.home, 'codexd', 'token'));
    expect(await closed).toEqual([1008, 'credential ended']);
    expect(await accepts(old)).toBe(false);
    expect(token()).toMatch(/^cdx_[A-Za-z0-9_-]{43}$/);
    expect(await accepts(token())).toBe(true);
  });

  it('SEC-FS-1: is not good while others can read its file, and the log says how to mend that', async () => {
    const file = path.join(world.home, 'codexd', 'token');
    const { closed } = await openSocket();
    chmodSync(file, 0o644);
    expect(await closed).toEqual([1008, 'credential ended']);
    expect(await accepts(token())).toBe(false);
    expect(world.daemon.stderr()).toContain(`chmod 600 '${file}'`);
    chmodSync(file, 0o600);
    await vi.waitFor(async () => expect(await accepts(token())).toBe(true), {
      interval: 200,
      timeout: 5_000,
    });
  });

  it('SEC-RED-1 SEC-RED-5: and the ones before are in no line of the log and in no argument of a process', async () => {
    const old = token();
    await world.cli(['token', '--rotate']);
    const { pid } = world.daemon.child;
    const commandLine = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    for (const secret of [old, token()]) {
      expect(world.daemon.stderr()).not.toContain(secret);
      expect(commandLine).not.toContain(secret);
    }
  });
});

/** Signs in with a code, as the daemon's page does. */
async function redeem(link: string): Promise<number> {
  const { origin, hash } = new URL(link);
  const answer = await fetch(`${origin}/v1/session`, {
    method: 'POST',
    headers: { origin, 'x-codexd-client': '1', 'content-type': 'application/json' },
    body: JSON.stringify({ code: hash.slice('#code='.length) }),
  });
  return answer.status;
}

describe('SEC-TOK-6: an address that signs a browser in', () => {
  it('is printed by codexd url --browser', async () => {
    const { code, stdout } = await world.cli(['url', '--browser']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${world.daemon.url}/#code=cdx_[A-Za-z0-9_-]{40}\n$`));
    expect([await redeem(stdout.trim()), await redeem(stdout.trim())]).toEqual([200, 401]);
    const { stdout: json } = await world.cli(['url', '--browser', '--json']);
    expect(await redeem(JSON.parse(json).url)).toBe(200);
  });

  it('is printed at start when a person is there to see it, past the log', async () => {
    const home = path.join(world.home, '..', 'terminal-home');
    mkdirSync(home);
    const terminal = spawn(process.execPath, [CLI, 'serve', '--port', '0', '--demo'], {
      env: { ...process.env, CODEX_HOME: home },
    });
    onTestFinished(() => terminal.kill('SIGKILL'));
    let output = '';
    terminal.onData((data) => {
      output += data;
    });
    await vi.waitFor(() => expect(output).toMatch(/#code=cdx_[A-Za-z0-9_-]{40}\s/), { timeout: 15_000 });
    const [link = ''] = /http:\/\/127\.0\.0\.1:\d+\/#code=\S+/.exec(output) ?? [];
    expect(await redeem(link)).toBe(200);
  });

  it('is not printed to a file', () => {
    expect(world.daemon.stderr()).not.toContain('#code=');
  });

  it('is opened by codexd open out of a private file, so that it is in no argument of a process', async () => {
    const bin = path.join(world.home, '..', 'bin');
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'xdg-open'), `#!/bin/sh\necho "$1" > ${bin}/opened\n`, { mode: 0o755 });
    const { code, stdout } = await world.cli(['open'], { PATH: `${bin}:${process.env.PATH}` });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `opened ${world.daemon.url} in the browser\n` });
    const file = path.join(world.home, 'codexd', 'open.html');
    const opened = () => readFileSync(path.join(bin, 'opened'), 'utf8').trim();
    await vi.waitFor(() => expect(opened()).toBe(`file://${file}`), { interval: 50, timeout: 5_000 });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const [, link = ''] = /url=([^"]+)"/.exec(readFileSync(file, 'utf8')) ?? [];
    expect(await redeem(link)).toBe(200);
  });

  it('is not opened where there is nothing to open it with, and the remedy is named', async () => {
    const { code, stderr } = await world.cli(['open'], { PATH: '/nowhere' });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('codexd url --browser') });
  });
});

describe.skipIf(chromium === undefined)('SEC-DISC-4: the sign-in page', () => {
  let browser: Browser;
  let site: AttackerSite;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser(chromium ?? '');
    site = await startAttackerSite();
  });
  afterAll(async () => {
    await browser?.close();
    await site?.[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    context = await browser.newContext();
    page = await context.newPage();
  });
  afterEach(() => context.close());

  const signedIn = () => page.getByRole('button', { name: 'Sign out' }).waitFor();
  const field = () => page.getByLabel('Token');

  async function signInByCode(): Promise<void> {
    const { stdout } = await world.cli(['url', '--browser']);
    await page.goto(stdout.trim());
    await signedIn();
  }

  it('takes the token, and says when it is another one', async () => {
    await page.goto(world.daemon.url);
    await field().fill('cdx_not-the-token');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('That is not the token.').waitFor();
    await field().fill(` ${token()}\n`);
    await field().press('Enter');
    await signedIn();
    const [cookie] = await context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/' });
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await page.evaluate('[localStorage.length, sessionStorage.length]')).toEqual([0, 0]);
  });

  it('takes a code out of the address before anything else, once', async () => {
    const { stdout } = await world.cli(['url', '--browser']);
    const requested: string[] = [];
    page.on('request', (request) => requested.push(request.url()));
    await page.goto(stdout.trim());
    await signedIn();
    expect(page.url()).toBe(`${world.daemon.url}/`);
    expect(requested.filter((url) => url.includes('cdx_') && !url.includes('#'))).toEqual([]);
    await context.clearCookies();
    await page.goto('about:blank');
    await page.goto(stdout.trim());
    await page.getByText('That link was used before or is too old.').waitFor();
  });

  it('is shown again after the sign-out, and after the cookie is gone', async () => {
    await signInByCode();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await field().waitFor();
    await signInByCode();
    await context.clearCookies();
    await page.goto(world.daemon.url);
    await field().waitFor();
  });

  it('is shown again when the token was rotated during use, and the socket of the page is told', async () => {
    await signInByCode();
    const closed = page.evaluate(`new Promise((resolve) => {
      const socket = new WebSocket('ws://' + location.host + '/rpc');
      socket.onopen = () => { window.opened = true; };
      socket.onclose = ({ code, reason }) => resolve([code, reason]);
    })`);
    await vi.waitFor(async () => expect(await page.evaluate('window.opened')).toBe(true), { timeout: 5_000 });
    await world.cli(['token', '--rotate']);
    expect(await closed).toEqual([1008, 'credential ended']);
    await page.goto(world.daemon.url);
    await field().waitFor();
  });

  it('is shown again when the daemon was started anew', async () => {
    await signInByCode();
    await world.restart();
    await page.goto(world.daemon.url);
    await field().waitFor();
    await field().fill(token());
    await field().press('Enter');
    await signedIn();
  });

  it('offers the way on to who is signed in and comes by a link of another site', async () => {
    await signInByCode();
    await page.goto(`http://evil.example:${site.port}`);
    await page.evaluate(`location.href = '${world.daemon.url}/'`);
    await page.getByRole('link', { name: 'Go on' }).click();
    await signedIn();
  });

  it('SEC-UI-1: breaks none of its own rules', async () => {
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await signInByCode();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await field().waitFor();
    expect(complaints.filter((text) => !text.includes('401 (Unauthorized)'))).toEqual([]);
  });
});
