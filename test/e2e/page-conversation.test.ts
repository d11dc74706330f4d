import { describe, expect, it } from 'vitest';
import { wait } from '../../src/demo/answers.ts';
import type { Responder } from '../../src/demo/model-server.ts';
import { callAnswer, functionCall, textAnswer } from '../../src/demo/responses.ts';
import {
  answer,
  answers,
  begin,
  chromium,
  conversationAddress,
  log,
  openPageWorld,
  question,
  said,
  say,
} from '../support/page/page-world.ts';
import { openTerminal } from '../support/terminal.ts';

if (chromium === undefined) console.warn('skipped: the page needs chromium on the PATH');

const ASKING = ['-c', 'approval_policy="untrusted"', '-c', 'sandbox_mode="danger-full-access"'];

const COMMAND = ['bash', '-lc', 'touch made && echo made it'];

/** Asks to run a command at each message, and then says that it is done. */
const askingModel: Responder = ({ body }) =>
  body.input.at(-1)?.type === 'function_call_output'
    ? textAnswer('It is **done**.')
    : callAnswer(functionCall('shell', { command: COMMAND }, `call_${body.input.length}`));

/** Long answers of numbered words; each is held back in the middle until the test lets it go on. */
function halvesModel() {
  const gates: PromiseWithResolvers<void>[] = [];
  const words = Array.from({ length: 120 }, (_, index) => `word${index}`).join(' ');
  const respond: Responder = () => {
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    const steps = textAnswer(words);
    return [...steps.slice(0, 60), wait(gate.promise), ...steps.slice(60)];
  };
  return { respond, words, release: () => gates.at(-1)?.resolve() };
}

describe.skipIf(chromium === undefined)('the page', { timeout: 60_000 }, () => {
  it('starts a conversation, streams the answer as it comes, and is told of the tokens', async () => {
    const { respond, words, release } = halvesModel();
    const { visit, complaints } = await openPageWorld(respond);
    const page = await visit();
    await begin(page, 'say many words');
    await answers(page).getByText('word57').waitFor();
    expect(await answers(page).innerText()).not.toContain('word119');
    expect(await said(page).allInnerTexts()).toEqual(['say many words']);
    release();
    await answers(page).getByText('word119').waitFor();
    expect(await answers(page).allInnerTexts()).toEqual([words]);
    await page.getByText('15 tokens').waitFor();
    await page.getByRole('navigation').getByRole('link', { name: 'say many words' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('loses and doubles no word when it is loaded anew in the middle of a turn', async () => {
    const { respond, words, release } = halvesModel();
    const { visit } = await openPageWorld(respond);
    const page = await visit();
    await begin(page, 'say many words');
    await answers(page).getByText('word57').waitFor();
    await page.reload();
    await answers(page).getByText('word57').waitFor();
    expect(words.startsWith(await answers(page).innerText())).toBe(true);
    release();
    await answers(page).getByText('word119').waitFor();
    expect(await answers(page).allInnerTexts()).toEqual([words]);
    expect(await said(page).allInnerTexts()).toEqual(['say many words']);
    await page.reload();
    await answers(page).getByText('word119').waitFor();
    expect([await said(page).allInnerTexts(), await answers(page).allInnerTexts()]).toEqual([
      ['say many words'],
      [words],
    ]);
  });

  it('loses and doubles no word when the network is cut in the middle of a turn', async () => {
    const { respond, words, release } = halvesModel();
    const { visit, network, daemon } = await openPageWorld(respond);
    const page = await visit();
    const id = await begin(page, 'say many words');
    await answers(page).getByText('word57').waitFor();
    const over = (await daemon.stream(`/v1/conversations/${id}/events`)).event('task_complete');
    const reconnected = page.waitForEvent('websocket');
    network.cut();
    release();
    await Promise.all([over, reconnected]);
    await answers(page).getByText('word119').waitFor();
    network.cut();
    expect(await answers(page).allInnerTexts()).toEqual([words]);
    expect(await said(page).allInnerTexts()).toEqual(['say many words']);
    await say(page, 'again');
    await expect.poll(() => said(page).allInnerTexts()).toEqual(['say many words', 'again']);
    await answers(page).nth(1).getByText('word57').waitFor();
    release();
    await answers(page).nth(1).getByText('word119').waitFor();
    expect(await answers(page).allInnerTexts()).toEqual([words, words]);
  });

  it('asks for consent, shows what then runs, and a terminal on the same conversation sees it too', async () => {
    const { visit, place, complaints } = await openPageWorld(askingModel, { args: ASKING });
    const page = await visit();
    const id = await begin(page, 'make it');
    const terminal = openTerminal(place, ['attach', id]);
    await question(page).getByText('Run this command?').waitFor();
    expect(await question(page).getByRole('listitem').allInnerTexts()).toEqual(COMMAND);
    expect(await question(page).innerText()).toContain(place.cwd);
    await terminal.sees('Run this command?');
    await answer(page, 'Allow once');
    await terminal.sees('settled elsewhere');
    await answers(page).getByText('It is done.').waitFor();
    await terminal.sees('made it');
    await terminal.sees('It is **done**.');
    expect(await question(page).count()).toBe(0);
    expect(await log(page).getByRole('region', { name: 'Output' }).innerText()).toBe('made it\n');
    expect(await page.locator('strong').innerText()).toBe('done');
    expect(complaints).toEqual([]);
  });

  it('takes the question away when a terminal has answered it', async () => {
    const { visit, place } = await openPageWorld(askingModel, { args: ASKING });
    const page = await visit();
    const id = await begin(page, 'make it');
    const terminal = openTerminal(place, ['attach', id]);
    await question(page).waitFor();
    await terminal.sees('Run this command?');
    terminal.type('n');
    await question(page).waitFor({ state: 'detached' });
    await answers(page).getByText('It is done.').waitFor();
  });

  it('SEC-UI-3: takes no answer in the first half second, and does not focus the one that consents', async () => {
    const { visit } = await openPageWorld(askingModel, { args: ASKING });
    const page = await visit();
    await page.clock.install();
    await begin(page, 'make it');
    const accept = question(page).getByRole('button', { name: 'Allow once' });
    await accept.waitFor();
    await page.clock.pauseAt(Date.now() + 3_600_000);
    await page.reload();
    while (!(await accept.isVisible())) await page.clock.runFor(20);
    expect(await page.evaluate('document.activeElement.tagName')).not.toBe('BUTTON');
    await accept.click({ force: true });
    expect(await accept.getAttribute('aria-disabled')).toBe('true');
    await page.clock.runFor(1_000);
    expect(await accept.getAttribute('aria-disabled')).toBe('false');
    await page.clock.resume();
    await accept.click();
    await question(page).waitFor({ state: 'detached' });
  });

  it('interrupts with Escape, and goes on with what is said next', async () => {
    const { respond, release } = halvesModel();
    const { visit } = await openPageWorld(respond);
    const page = await visit();
    await begin(page, 'say many words');
    await answers(page).getByText('word57').waitFor();
    await page.keyboard.press('Escape');
    await log(page).getByText('Interrupted').waitFor();
    await say(page, 'once more');
    await answers(page).nth(1).getByText('word57').waitFor();
    release();
    await answers(page).nth(1).getByText('word119').waitFor();
  });

  it('attaches a picture, which the model gets and every page shows', async () => {
    const { visit, place } = await openPageWorld(() => textAnswer('a dot'));
    const page = await visit();
    const dot = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
      'base64',
    );
    await page
      .getByLabel('Images to attach')
      .setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: dot });
    await page.getByRole('img', { name: 'dot.png' }).waitFor();
    const id = await begin(page, 'what is this?');
    await answers(page).getByText('a dot').waitFor();
    expect(JSON.stringify(place.model.requests[0]?.body.input)).toContain(dot.toString('base64'));
    const other = await visit({}, conversationAddress(id));
    await said(other).getByRole('img', { name: 'Attached' }).waitFor();
  });

  it('goes on with a stored conversation after the daemon was started anew', async () => {
    const { visit, daemon } = await openPageWorld(() => textAnswer('yes'));
    const { conversationId, rolloutPath } = await daemon.newConversation();
    const events = await daemon.stream(`/v1/conversations/${conversationId}/events`);
    await daemon.say(conversationId, 'are you there?');
    await events.event('task_complete');
    await daemon.post(`/v1/conversations/${conversationId}/archive`, { rolloutPath });
    await daemon.post(`/v1/conversations/${conversationId}/unarchive`);
    const page = await visit({}, conversationAddress(conversationId));
    await answers(page).getByText('yes').waitFor();
    await page.getByRole('textbox', { name: 'Go on with this conversation' }).waitFor();
    await say(page, 'still?');
    await answers(page).nth(1).waitFor();
    expect(await said(page).allInnerTexts()).toEqual(['are you there?', 'still?']);
  });
});

describe.skipIf(chromium === undefined)(
  'three terminals and two pages on one conversation',
  { timeout: 90_000 },
  () => {
    it('all show what each of them says, and what the model answers', async () => {
      const { visit, place } = await openPageWorld(({ body }) => {
        const last = body.input.findLast(({ role }) => role === 'user');
        const text = (last?.content as { text: string }[] | undefined)?.[0]?.text;
        return textAnswer(`heard: ${text}`);
      });
      const first = await visit();
      const id = await begin(first, 'page one speaks');
      await answers(first).getByText('heard: page one speaks').waitFor();
      const second = await visit({}, conversationAddress(id));
      const pages = [first, second];
      const terminals = [0, 1, 2].map(() => openTerminal(place, ['attach', id]));
      await Promise.all(terminals.map((terminal) => terminal.sees('heard: page one speaks')));
      const speakers: [string, (text: string) => unknown][] = [
        ...terminals.map(({ type }, index) => [`terminal ${index} speaks`, type] as [string, typeof type]),
        ['page two speaks', (text) => say(second, text)],
        ['page one speaks again', (text) => say(first, text)],
      ];
      for (const [text, speak] of speakers) {
        await speak(text);
        await Promise.all([
          ...terminals.map((terminal) => terminal.sees(`heard: ${text}`)),
          ...pages.map((page) => answers(page).getByText(`heard: ${text}`, { exact: true }).waitFor()),
        ]);
      }
      const texts = ['page one speaks', ...speakers.map(([text]) => text)];
      for (const page of pages) {
        expect(await said(page).allInnerTexts()).toEqual(texts);
        expect(await answers(page).allInnerTexts()).toEqual(texts.map((text) => `heard: ${text}`));
      }
    });
  },
);
