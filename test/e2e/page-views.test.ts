import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { callAnswer, functionCall, itemDone, reasoning, textAnswer } from '../../src/demo/responses.ts';
import { answers, begin, chromium, log, openPageWorld, question, say } from '../support/page/page-world.ts';

if (chromium === undefined) console.warn('skipped: the views of the page need chromium on the PATH');

const ASKING = ['-c', 'approval_policy="untrusted"', '-c', 'sandbox_mode="danger-full-access"'];

const TEXT =
  '# Title\n\nA [link](https://example.org/), `code`, and\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```js\nlet a;\n```';

async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: page as never }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

describe.skipIf(chromium === undefined)('the views of the page', { timeout: 60_000 }, () => {
  it.each([
    ['light', 1200],
    ['dark', 1200],
    ['dark', 360],
  ] as const)('have no serious findings of axe in %s, %i pixels wide', async (colorScheme, width) => {
    const { visit } = await openPageWorld(
      ({ index }) => {
        if (index === 0)
          return [
            ...textAnswer(TEXT).slice(0, -1),
            itemDone(reasoning('I think.')),
            ...textAnswer('').slice(-1),
          ];
        return callAnswer(functionCall('shell', { command: ['touch', 'x'] }));
      },
      { args: ASKING },
    );
    const page = await visit(
      { colorScheme, reducedMotion: 'reduce', viewport: { width, height: 800 } },
      '#/new',
    );
    await say(page, 'hello');
    await answers(page).getByText('Title').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Message' }).fill('go on');
    await page.keyboard.press('Enter');
    await question(page).getByRole('button', { name: 'Deny', exact: true, disabled: false }).waitFor();
    expect(await findings(page)).toEqual([]);
    for (const [place, heading] of [
      ['settings', 'Settings in effect'],
      ['clients', 'Connected clients'],
      ['account', 'Account'],
      ['', undefined],
    ] as const) {
      await page.goto(`${page.url().split('#')[0]}#/${place}`);
      if (heading) await page.getByRole('heading', { name: heading }).waitFor();
      expect(await findings(page)).toEqual([]);
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    }
  });

  it('find conversations by words of their text and their path, and show the archived ones', async () => {
    const { visit, daemon } = await openPageWorld(() => textAnswer('yes'));
    const made: { conversationId: string; rolloutPath: string }[] = [];
    for (const text of ['apples are red', 'pears are green', 'plums are blue']) {
      const conversation = await daemon.newConversation();
      const events = await daemon.stream(`/v1/conversations/${conversation.conversationId}/events`);
      await daemon.say(conversation.conversationId, text);
      await events.event('task_complete');
      made.push(conversation);
    }
    const [, pears] = made;
    const page = await visit();
    const entries = page.getByRole('navigation').getByRole('listitem');
    await expect.poll(() => entries.count()).toBe(3);
    await page.getByRole('heading', { name: 'New conversation' }).click();
    await page.keyboard.press('/');
    await page.keyboard.type('ARE gre');
    await expect.poll(() => entries.allInnerTexts()).toEqual([expect.stringContaining('pears are green')]);
    await page.getByRole('searchbox').fill(pears?.conversationId ?? '');
    await expect.poll(() => entries.allInnerTexts()).toEqual([expect.stringContaining('pears are green')]);
    await entries.getByRole('link').click();
    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    await page.getByRole('button', { name: 'Unarchive' }).waitFor();
    await expect.poll(() => entries.count()).toBe(0);
    await page.getByRole('searchbox').fill('');
    await page.getByText('Archived', { exact: true }).click();
    await expect.poll(() => entries.allInnerTexts()).toEqual([expect.stringContaining('pears are green')]);
  });

  it('tell of conversations that run and that wait for an answer, whoever began them', async () => {
    const { visit, daemon } = await openPageWorld(
      ({ body }) =>
        body.input.at(-1)?.type === 'function_call_output'
          ? textAnswer('done')
          : callAnswer(functionCall('shell', { command: ['touch', 'x'] })),
      { args: ASKING },
    );
    const page = await visit();
    const { conversationId } = await daemon.newConversation();
    await daemon.say(conversationId, 'from elsewhere');
    const entry = page.getByRole('navigation').getByRole('link', { name: 'from elsewhere' });
    await entry.getByText('asks you').waitFor();
    const { items } = await daemon.get<{ items: { approvalId: string }[] }>('/v1/approvals');
    await daemon.post(`/v1/approvals/${items[0]?.approvalId}`, { decision: 'denied' });
    await entry.getByText('open').waitFor();
    await entry.click();
    await answers(page).getByText('done').waitFor();
  });

  it('say what holds and from where, and who is connected', async () => {
    const { visit, daemon } = await openPageWorld(() => textAnswer('yes'), { args: ASKING });
    const page = await visit();
    await page.getByRole('link', { name: 'Settings' }).click();
    expect(await page.getByRole('row', { name: /^approval_policy/ }).innerText()).toMatch(
      /untrusted\s+command line/,
    );
    expect(await page.getByRole('row', { name: /^model / }).innerText()).toMatch(/test-model\s+config\.toml/);
    const socket = await daemon.connect();
    await socket.call('initialize', { clientInfo: { name: 'another one', version: '7' } });
    await page.getByRole('link', { name: 'Clients' }).click();
    await page.getByText('another one').waitFor();
    await page.getByText('codexd-page').waitFor();
  });

  it('SEC-TOK-8: follow sign-in and sign-out of the model provider, whoever does it, and keep no key', async () => {
    const { visit, daemon } = await openPageWorld(() => textAnswer('yes'), {
      args: ['-c', 'model_providers.test.requires_openai_auth=true'],
    });
    const page = await visit();
    const state = page.getByRole('link', { name: /model|API key/ });
    await state.click();
    await page.getByLabel('Key', { exact: true }).fill('sk-of-the-test');
    await page.getByRole('button', { name: 'Sign in with the key' }).click();
    await page.getByText('Signed in with an API key.').waitFor();
    expect(await daemon.get('/v1/auth/status')).toMatchObject({ authMethod: 'apikey' });
    await daemon.post('/v1/auth/logout');
    await page.getByText('Not signed in.').waitFor();
    await daemon.post('/v1/auth/login/api-key', { apiKey: 'sk-of-another' });
    await page.getByRole('button', { name: 'Sign out of the model provider' }).click();
    await page.getByText('Not signed in.').waitFor();
    expect(await daemon.get('/v1/auth/status')).toEqual({ requiresOpenaiAuth: true });
    expect(await page.evaluate('[localStorage.length, sessionStorage.length]')).toEqual([0, 0]);
  });

  it('are used without a pointer: from the list to a message and back', async () => {
    const { visit } = await openPageWorld(() => textAnswer('yes'));
    const page = await visit();
    await begin(page, 'by keys');
    await answers(page).getByText('yes').waitFor();
    await page.getByRole('heading', { name: 'by keys' }).waitFor();
    const reached = new Set<string>();
    await page.evaluate('document.activeElement.blur()');
    for (let step = 0; step < 30; step++) {
      await page.keyboard.press('Tab');
      reached.add(
        String(
          await page.evaluate(
            'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent',
          ),
        ),
      );
    }
    for (const name of [
      'New',
      'Search conversations',
      'Settings',
      'Sign out',
      'Archive',
      'Messages',
      'Message',
    ])
      expect([...reached]).toContain(name);
    expect(await log(page).getAttribute('aria-busy')).toBe('false');
  });

  it('SEC-UI-4: bring no service worker, and ask no other host for anything', async () => {
    const { visit, complaints } = await openPageWorld(() => textAnswer(TEXT));
    const page = await visit();
    await begin(page, 'hello');
    await answers(page).getByText('Title').waitFor();
    for (const name of ['Settings', 'Clients', 'New'])
      await page.getByRole('link', { name, exact: true }).click();
    const workers = 'navigator.serviceWorker.getRegistrations().then(({ length }) => length)';
    expect(await page.evaluate(workers)).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('go back to the sign-in form when the session of the browser ends', async () => {
    const { visit } = await openPageWorld(() => textAnswer('yes'));
    const page = await visit();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
  });
});
