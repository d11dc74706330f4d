import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blocksOf, type ExamplePlace, startExamplePlace } from '../support/documents.ts';
import { runCodexd } from '../support/terminal.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const pages = globSync('{*.md,docs/*.md}', { cwd: ROOT }).sort();

interface Example {
  readonly page: string;
  readonly number: number;
  readonly language: string;
  readonly text: string;
  /** Texts of a block of output that follows, of which each line has to be there. */
  readonly expected: readonly string[];
}

const examples: Example[] = pages
  .filter((page) => page.startsWith('docs/'))
  .flatMap((page) => {
    const blocks = blocksOf(read(page));
    return blocks.map((block, index) => {
      const next = blocks[index + 1];
      const expected = next?.language === 'text' ? next.text.trim().split('\n') : [];
      return { page, number: index + 1, ...block, expected };
    });
  });

const isRun = ({ language }: Example): boolean => language === 'sh' || language === 'js';

describe('the documents', { timeout: 60_000 }, () => {
  let place: ExamplePlace;

  beforeAll(async () => {
    place = await startExamplePlace();
  });

  afterAll(() => place?.[Symbol.asyncDispose]());

  test('have examples to run', () => {
    expect(examples.filter(isRun).length).toBeGreaterThan(12);
  });

  test.each(examples.filter(isRun))('$page: example $number works as it is written', async (example) => {
    const { code, stdout, stderr } = await place.run(example);
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    for (const text of example.expected) expect(stdout).toContain(text);
  });

  test.each(examples.filter(({ language }) => language === 'toml'))(
    '$page: example $number is a valid config.toml',
    async ({ text }) => {
      const home = mkdtempSync(path.join(os.tmpdir(), 'codexd-documents-'));
      writeFileSync(path.join(home, 'config.toml'), text);
      const { stdout } = await runCodexd({ home, cwd: home }, ['doctor', '--json']);
      rmSync(home, { recursive: true });
      const { findings } = JSON.parse(stdout) as { findings: { name: string; state: string }[] };
      expect(findings.find(({ name }) => name === 'config')).toMatchObject({ state: 'ok' });
      expect(findings.find(({ name }) => name === 'port')).toMatchObject({
        state: expect.stringMatching(/ok|problem/),
        detail: expect.not.stringContaining('server.'),
      });
    },
  );

  test.each(pages)('%s links only to what exists', (page) => {
    const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, link = '']) => link);
    const missing = links.filter((link) => !existsSync(path.join(ROOT, path.dirname(page), link)));
    expect(missing).toEqual([]);
  });

  test.each(pages.filter((page) => page.startsWith('docs/')))(
    '%s is found from the README or CONTRIBUTING.md',
    (page) => {
      expect(read('README.md') + read('CONTRIBUTING.md')).toContain(`(${page})`);
    },
  );
});
