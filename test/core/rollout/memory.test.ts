import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { assistantText, conversationId, item, metaLine, temporaryDirectory } from './samples.ts';

const MEBIBYTE = 1024 ** 2;

function writeMany(path: string, text: string, mebibytes: number): void {
  const block = Buffer.from(`${text}\n`.repeat(Math.ceil(MEBIBYTE / (text.length + 1))));
  const fd = openSync(path, 'w');
  writeSync(fd, `${metaLine(conversationId(1))}\n`);
  for (let written = 0; written < mebibytes; written += 1) writeSync(fd, block);
  closeSync(fd);
}

/** What reading takes in a process of its own, in MiB of resident memory. */
const MEASURE = `
const { history, readRollout } = await import(process.argv[1]);
const before = process.memoryUsage().rss;
const stored = await readRollout(process.argv[2]);
const items = history(stored, () => []).length;
const growth = process.resourceUsage().maxRSS / 1024 - before / 1024 ** 2;
console.log(JSON.stringify({ growth, items, dropped: stored.droppedItems }));
`;

function measure(path: string): { growth: number; items: number; dropped: number } {
  const reader = new URL('../../../src/core/rollout/reader.ts', import.meta.url).href;
  const args = ['--input-type=module', '--eval', MEASURE, reader, path];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

it('REL-WR-9: a long conversation is read in bounded memory', () => {
  const path = join(temporaryDirectory(), 'long.jsonl');
  writeMany(path, item(assistantText('größe '.repeat(1300))), 400);
  const { growth, items, dropped } = measure(path);
  expect(items).toBeGreaterThan(5000);
  expect(dropped).toBeGreaterThan(30_000);
  expect(growth).toBeLessThan(300);
}, 60_000);

it('a line that is too long to be held is passed over in bounded memory', () => {
  const path = join(temporaryDirectory(), 'wide.jsonl');
  writeMany(path, item(assistantText('x'.repeat(100 * MEBIBYTE))), 1);
  const { growth, items } = measure(path);
  expect(items).toBe(0);
  expect(growth).toBeLessThan(100);
}, 60_000);
