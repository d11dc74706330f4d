import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FileSystem, realFileSystem } from '../../../src/core/files/file-system.ts';
import { readRollout } from '../../../src/core/rollout/reader.ts';
import { openRollout } from '../../../src/core/rollout/writer.ts';
import { conversationId, metaLine, temporaryDirectory } from './samples.ts';

const RECORDS = 20;
const message = (text: string): string =>
  `{"timestamp":"t","type":"event_msg","payload":{"type":"error","message":"${text}"}}`;
const textOf = (n: number): string => `${n}ü`;
const lines = [
  metaLine(conversationId(1), { cwd: '/', originator: 'o', cli_version: '0' }),
  ...Array.from({ length: RECORDS - 1 }, (_, n) => message(textOf(n))),
].map((text) => Buffer.from(`${text}\n`));
const whole = Buffer.concat(lines);
const ends = lines.map((_, n) => Buffer.concat(lines.slice(0, n + 1)).length);
const firstEnd = ends[0] ?? 0;

const TAILS: readonly Buffer[] = [Buffer.alloc(7), Buffer.from([0xf0, 0x9f]), Buffer.from('{"timestamp":]')];

/** A last line that only lacks its end is complete. */
const completeRecords = (cut: number, tail: Buffer): number =>
  ends.filter((end) => end <= cut || (tail.length === 0 && end === cut + 1)).length;

const offsets = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

function cutFile(directory: string, cut: number, tail: Buffer): string {
  const path = join(directory, `${cut}-${tail.length}.jsonl`);
  writeFileSync(path, Buffer.concat([whole.subarray(0, cut), tail]));
  return path;
}

/** Thousands of files need not reach the disk. */
const withoutSync: FileSystem = {
  ...realFileSystem,
  async open(...args) {
    const file = await realFileSystem.open(...args);
    file.sync = () => Promise.resolve();
    file.datasync = () => Promise.resolve();
    return file;
  },
};

async function openAndClose(path: string, recovered: string): Promise<void> {
  const { writer } = await openRollout(path, recovered, { files: withoutSync });
  await writer.close();
}

async function textsIn(path: string): Promise<string[]> {
  const stored = await readRollout(path);
  expect(stored.damagedLines).toEqual([]);
  return stored.messages.parse('shown').map((msg) => (msg.type === 'error' ? msg.message : msg.type));
}

async function checkRepair(directory: string, cut: number, tail: Buffer): Promise<void> {
  const path = cutFile(directory, cut, tail);
  const recovered = join(directory, 'recovered');
  const expected = offsets(0, completeRecords(cut, tail) - 1).map(textOf);
  expect(await textsIn(path), `cut at ${cut}`).toEqual(expected);
  await openAndClose(path, recovered);
  const repaired = readFileSync(path);
  expect(await textsIn(path), `cut at ${cut}, repaired`).toEqual(expected);
  await openAndClose(path, recovered);
  expect(readFileSync(path).equals(repaired), `cut at ${cut}, opened again`).toBe(true);
}

const checkAll = (cuts: readonly number[], tailOf: (cut: number) => Buffer): Promise<unknown> => {
  const directory = temporaryDirectory();
  return Promise.all(cuts.map((cut) => checkRepair(directory, cut, tailOf(cut))));
};

describe('REL-CR-3: a rollout that ends anywhere', () => {
  it('keeps every complete record, and opening it again changes nothing', async () => {
    await checkAll(offsets(firstEnd - 1, whole.length + 1), () => Buffer.alloc(0));
  }, 60_000);

  it('keeps them also when NULs, half a character or garbage follow', async () => {
    await checkAll(
      offsets(firstEnd, whole.length + 1),
      (cut) => TAILS[cut % TAILS.length] ?? Buffer.alloc(0),
    );
  });

  it('is refused only within its first record, as by the reference', async () => {
    const directory = temporaryDirectory();
    for (const cut of offsets(0, firstEnd - 1)) {
      const path = cutFile(directory, cut, Buffer.alloc(0));
      await expect(readRollout(path), `cut at ${cut}`).rejects.toThrow(
        cut === 0 ? 'empty session file' : 'failed to parse conversation ID from rollout file',
      );
    }
  });
});
