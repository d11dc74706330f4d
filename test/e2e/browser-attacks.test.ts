import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AttackerSite, startAttackerSite } from '../support/browser/attacker-site.ts';
import { type Attacks, CROSS_ORIGIN, PRELUDE, REBOUND } from '../support/browser/attacks.ts';
import { findChromium, launchBrowser } from '../support/browser/chromium.ts';
import { type StandingDaemon, startStandingDaemon } from '../support/standing-daemon.ts';

const chromium = findChromium();
if (chromium === undefined) console.warn('skipped: attacks from a browser page need chromium on the PATH');

let world: StandingDaemon;
let site: AttackerSite;
let browser: Browser;
/** A browser in which the user is signed in, as the attacks would find it. */
let context: BrowserContext;

beforeAll(async () => {
  if (chromium === undefined) return;
  world = await startStandingDaemon();
  site = await startAttackerSite();
  browser = await launchBrowser(chromium);
  context = await browser.newContext();
  const { body } = await world.daemon.post<{ code: string }>('/v1/session/codes');
  const page = await context.newPage();
  await page.goto(`${world.daemon.url}/#code=${body.code}`);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await site?.[Symbol.asyncDispose]();
  await world?.[Symbol.asyncDispose]();
});

const port = (): string => new URL(world.daemon.url).port;
const marker = (): string => path.join(world.cwd, 'was-here');

/** Runs the attack in the page. Gives what the page could read. */
function run(page: Page, target: string, source: string): Promise<unknown> {
  const command = ['touch', marker()];
  const exec = JSON.stringify({ command, sandboxPolicy: { mode: 'danger-full-access' } });
  const rpc = JSON.stringify({ id: 1, method: 'execOneOffCommand', params: JSON.parse(exec) });
  return page.evaluate(
    `(async () => { const [target, exec, rpc] = ${JSON.stringify([target, exec, rpc])}; ${PRELUDE} ${source} })()`,
  );
}

/** The daemon's own word on what has happened: every request was refused, and nothing was run or made. */
async function expectUntouched(from: number): Promise<void> {
  const { daemon } = world;
  const attacks = world.answered().slice(from);
  expect(attacks.filter(({ status }) => status < 400)).toEqual([]);
  expect(existsSync(marker())).toBe(false);
  expect(await daemon.get('/v1/conversations')).toEqual({ items: [] });
}

function attackFrom(
  name: string,
  open: () => Promise<{ page: Page; target: string }>,
  attacks: Attacks,
): void {
  describe.skipIf(chromium === undefined)(name, () => {
    let page: Page;
    let target: string;
    let from: number;
    beforeAll(async () => {
      ({ page, target } = await open());
      from = world.answered().length;
    });
    afterAll(() => page.close());
    it.each(Object.entries(attacks))('%s', async (_name, source) => {
      expect(await run(page, target, source)).toBeUndefined();
      expect(existsSync(marker())).toBe(false);
    });
    it('any of these ways, and the daemon has refused each of the requests', async () => {
      // A few attacks never leave the browser.
      expect(world.answered().length - from).toBeGreaterThan(0.8 * Object.keys(attacks).length);
      await expectUntouched(from);
    });
  });
}

async function visit(url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

attackFrom(
  'SEC-ORIG-1 SEC-CSRF-1 SEC-CORS-1: a page of another site gets nothing by',
  async () => ({ page: await visit(`http://evil.example:${site.port}`), target: world.daemon.url }),
  CROSS_ORIGIN,
);

attackFrom(
  'SEC-ORIG-2 SEC-CSRF-3: a page of another port, whose requests carry the cookie, gets nothing by',
  async () => ({ page: await visit(`http://127.0.0.1:${site.port}`), target: world.daemon.url }),
  CROSS_ORIGIN,
);

attackFrom(
  'SEC-HOST-1: a page whose name was made to mean this machine gets nothing by',
  async () => {
    const target = `http://rebound.example:${port()}`;
    const page = await context.newPage();
    // The attacker's server answered at this address, before the name came to mean the daemon.
    const html = '<!doctype html><title>evil</title><body></body>';
    await page.route(`${target}/`, (route) => route.fulfill({ contentType: 'text/html', body: html }), {
      times: 1,
    });
    await page.goto(`${target}/`);
    return { page, target };
  },
  REBOUND,
);

describe.skipIf(chromium === undefined)('the same browser', () => {
  it('SEC-CSRF-3: can do as the page of the daemon what the attacks could not', async () => {
    const page = await visit(world.daemon.url);
    const { url } = world.daemon;
    expect(await run(page, url, `return send('/v1/user-agent')`)).toContain('userAgent');
    expect(await run(page, url, `return socket('/rpc')`)).toContain('"result"');
    expect(await run(page, url, `return events('/v1/events')`)).toBe('open');
    expect(existsSync(marker())).toBe(true);
    await page.close();
  });

  it('has tried at least sixty things', () => {
    expect(2 * Object.keys(CROSS_ORIGIN).length + Object.keys(REBOUND).length).toBeGreaterThan(60);
  });
});
