import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { onTestFinished } from 'vitest';
import type { Responder } from '../../../src/demo/model-server.ts';
import { findChromium, launchBrowser } from '../browser/chromium.ts';
import { createPlace, type DaemonProcess, type Place } from '../daemon-process.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';

export const chromium = findChromium();

export interface PageWorld {
  readonly place: Place;
  readonly daemon: DaemonProcess;
  /** Between the browser and the daemon. */
  readonly network: TcpProxy;
  readonly browser: Browser;
  /** What the pages complained about: violations of their policy, errors, and requests to elsewhere. */
  readonly complaints: string[];
  /** A browser of its own, signed in by a code. */
  visit(options?: BrowserContextOptions, address?: string): Promise<Page>;
}

export interface WorldOptions {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** A place that is there already, with another model behind it. */
  readonly place?: Place;
}

/** The built daemon with the test's own model, and a browser that reaches it over a network that can be cut. */
export async function openPageWorld(respond: Responder, options: WorldOptions = {}): Promise<PageWorld> {
  const { args = [], env = {} } = options;
  const place = options.place ?? (await createPlace(respond));
  // Commands run in login shells, which are not to depend on the profile of whoever tests.
  const daemon = await place.start(args, { HOME: place.home, ...env });
  const { host, port } = new URL(daemon.url);
  const network = await startTcpProxy(Number(port));
  const browser = await launchBrowser(chromium ?? '', [`MAP ${host} ${new URL(network.url).host}`]);
  onTestFinished(() => browser.close());
  const complaints: string[] = [];

  async function visit(given: BrowserContextOptions = {}, address = ''): Promise<Page> {
    const context = await browser.newContext(given);
    const page = await context.newPage();
    page.on('console', (message) => {
      // The sign-in page is the answer to a visit without a credential.
      if (message.type() === 'error' && !message.text().includes('401 (Unauthorized)'))
        complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      const { protocol, host: asked } = new URL(request.url());
      if (protocol.startsWith('http') && asked !== host) complaints.push(`request to ${request.url()}`);
    });
    const { body } = await daemon.post<{ code: string }>('/v1/session/codes');
    await page.goto(`${daemon.url}/#code=${body.code}`);
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    if (address !== '') await page.goto(`${daemon.url}/${address}`);
    return page;
  }

  return { place, daemon, network, browser, complaints, visit };
}

export const conversationAddress = (id: string): string => `#/conversations/${id}`;

export const idShown = (page: Page): string => new URL(page.url()).hash.split('/').at(-1) ?? '';

export const log = (page: Page): Locator => page.getByRole('log');

export const answers = (page: Page): Locator => log(page).getByRole('article', { name: 'Answer' });

export const said = (page: Page): Locator => log(page).getByRole('article', { name: 'Message' });

export const question = (page: Page): Locator => log(page).getByRole('alert');

export async function say(page: Page, text: string): Promise<void> {
  const field = page.locator('.composer').getByRole('textbox');
  await field.fill(text);
  await field.press('Enter');
}

/** Starts a conversation in the page. Gives its id. */
export async function begin(page: Page, text: string): Promise<string> {
  await page.getByRole('link', { name: 'New', exact: true }).click();
  const field = page.getByRole('textbox', { name: 'What is to be done?' });
  await field.fill(text);
  await field.press('Enter');
  await page.waitForURL(/#\/conversations\//);
  return idShown(page);
}

/** Once the button takes clicks. */
export const answer = (page: Page, label: string): Promise<void> =>
  question(page).getByRole('button', { name: label, exact: true, disabled: false }).click();
