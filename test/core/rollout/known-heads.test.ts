import { appendFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { type FileSystem, realFileSystem } from '../../../src/core/files/file-system.ts';
import { knownHead } from '../../../src/core/rollout/known-heads.ts';
import { conversationId, conversationLines, temporaryDirectory, userText } from './samples.ts';

/** Files that changed a minute earlier than they did; tells how many were opened. */
function laterFiles(): FileSystem & { opened(): number } {
  let count = 0;
  return {
    ...realFileSystem,
    lstatSync: ((path: string, options: { bigint: true }) => {
      const stats = realFileSystem.lstatSync(path, options);
      return Object.assign(Object.create(stats), { ctimeMs: stats.ctimeMs - 60_000n });
    }) as FileSystem['lstatSync'],
    openSync: (...args) => {
      count += 1;
      return realFileSystem.openSync(...args);
    },
    opened: () => count,
  };
}

const id = conversationId(1);
const lines = (preview: string): string => `${conversationLines(id, preview).join('\n')}\n`;

let path: string;
beforeEach(() => {
  path = join(temporaryDirectory(), 'rollout.jsonl');
  writeFileSync(path, lines('one'));
});

test('a file that did not change is not opened again', async () => {
  const files = laterFiles();
  expect((await knownHead(path, files)).preview).toBe('one');
  expect((await knownHead(path, files)).preview).toBe('one');
  expect(files.opened()).toBe(1);
});

test.each<[string, () => void]>([
  ['grew', () => appendFileSync(path, `${JSON.stringify(userText('more'))}\n`)],
  [
    'was replaced',
    () => {
      writeFileSync(`${path}.new`, lines('two'));
      renameSync(`${path}.new`, path);
    },
  ],
  [
    'was written over, and its times set back',
    () => {
      const { atime, mtime } = statSync(path);
      writeFileSync(path, lines('two'));
      utimesSync(path, atime, mtime);
    },
  ],
])('a file that %s is read again', async (_change, change) => {
  const files = laterFiles();
  await knownHead(path, files);
  change();
  const { preview } = await knownHead(path, files);
  expect([preview, files.opened()]).toEqual([_change === 'grew' ? 'one' : 'two', 2]);
});

test('a file that is gone cannot be read', async () => {
  const files = laterFiles();
  await knownHead(path, files);
  rmSync(path);
  await expect(knownHead(path, files)).rejects.toThrow('No such file');
});

test('a file that changed just now is read again, because it may change in the same tick of the clock', async () => {
  const files = laterFiles();
  const fresh = { ...files, lstatSync: realFileSystem.lstatSync };
  await knownHead(path, fresh);
  await knownHead(path, fresh);
  expect(files.opened()).toBe(2);
});

test('a file with a long preview is read again, to hold little in memory', async () => {
  const files = laterFiles();
  writeFileSync(path, lines('x'.repeat(3_000)));
  await knownHead(path, files);
  await knownHead(path, files);
  expect(files.opened()).toBe(2);
});
