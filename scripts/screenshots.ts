/** Takes the pictures of `docs/images` from the built page, in a headless browser with a scripted model behind it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startModelServer } from '../src/demo/model-server.ts';
import { findChromium, launchBrowser } from '../test/support/browser/chromium.ts';
import { type LivingDaemon, openLivingDaemon } from './living-daemon.ts';
import { answer, FILES, MESSAGES } from './screenshot-scene.ts';

const TARGET = path.resolve(import.meta.dirname, '../docs/images');
const WIDE = { viewport: { width: 1280, height: 860 } };
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

const executable = findChromium();
if (executable === undefined) throw new Error('chromium is not on the PATH');
mkdirSync(TARGET, { recursive: true });
await using model = await disposable(startModelServer({ respond: ({ body }) => answer(body) }));
await using daemon = await openLivingDaemon(model.url);
for (const [name, text] of Object.entries(FILES)) daemon.writeFile(name, text);
const browser = await launchBrowser(executable);
try {
  await converse(daemon);
  await takeAll(browser);
} finally {
  await browser.close();
}

/** Nothing is asked about in these turns, and everything in those that follow in the page. */
async function converse({ post, turnOver, cwd }: LivingDaemon): Promise<void> {
  const turn = {
    cwd,
    approvalPolicy: 'never',
    sandboxPolicy: { mode: 'danger-full-access' },
    model: 'gpt-5-codex',
    summary: 'auto',
  };
  for (const text of [...MESSAGES.past, MESSAGES.shown]) {
    const { conversationId } = await post('/v1/conversations', { approvalPolicy: 'untrusted' });
    const items = [{ type: 'text', data: { text } }];
    await post(`/v1/conversations/${conversationId}/turns`, { ...turn, items });
    await turnOver(String(conversationId));
  }
}

async function takeAll(browser: Browser): Promise<void> {
  const light = await open(browser, { ...WIDE, colorScheme: 'light' });
  await light.getByText('style guide').waitFor();
  await light.getByRole('log').evaluate((log) => log.scrollTo(0, 0));
  await take(light, 'conversation-light');
  const dark = await open(browser, { ...WIDE, colorScheme: 'dark' });
  await dark.getByText('style guide').waitFor();
  await take(dark, 'conversation-dark');
  await light.getByRole('textbox', { name: 'Message' }).fill(MESSAGES.asking);
  await light.keyboard.press('Enter');
  await light.getByRole('button', { name: 'Allow once', disabled: false }).waitFor();
  await take(light, 'approval-light');
  const phone = await open(browser, { ...PHONE, colorScheme: 'dark' });
  await phone.getByRole('button', { name: 'Allow once', disabled: false }).waitFor();
  await take(phone, 'approval-phone');
  await phone.getByLabel('Back to the list').click();
  await take(phone, 'list-phone');
  await light.getByRole('link', { name: 'Settings' }).click();
  await light.getByRole('row').nth(3).waitFor();
  await take(light, 'settings-light');
  await light.getByRole('link', { name: 'New' }).click();
  await take(light, 'new-light');
  await dark.goto(`${daemon.url}/#/account`);
  await dark.getByText('API key').first().waitFor();
  await take(dark, 'account-dark');
}

/** A browser that is signed in and shows the newest conversation. */
async function open(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.goto(await daemon.signInLink());
  const entry = page.getByRole('link', { name: MESSAGES.shown.slice(0, 30) });
  await entry.click();
  return page;
}

async function take(page: Page, name: string): Promise<void> {
  const picture = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  writeFileSync(path.join(TARGET, `${name}.png`), picture);
  console.log(`${name}.png ${Math.round(picture.length / 1024)} kB`);
}

async function disposable<T extends { close(): Promise<void> }>(
  made: Promise<T>,
): Promise<T & AsyncDisposable> {
  const value = await made;
  return { ...value, [Symbol.asyncDispose]: () => value.close() };
}
