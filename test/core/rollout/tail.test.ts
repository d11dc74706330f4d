import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRollout } from '../../../src/core/rollout/reader.ts';
import { openRollout } from '../../../src/core/rollout/writer.ts';
import {
  conversationId,
  line,
  metaLine,
  temporaryDirectory,
  userEvent,
  userRecord,
  writeText,
} from './samples.ts';

const id = conversationId(1);
const lines = [metaLine(id), userEvent('größer 😀'), line('compacted', { message: 'a' })];
const whole = Buffer.from(`${lines.join('\n')}\n`);
const lineEnds = [...whole.entries()].filter(([, byte]) => byte === 0x0a).map(([at]) => at);
const firstEnd = lineEnds[0] ?? 0;

async function openAndClose(path: string, recovered: string) {
  const { writer, repair } = await openRollout(path, recovered);
  await writer.close();
  return repair;
}

describe('REL-WR-5: opening a file that was cut off', () => {
  it('keeps all whole records, at whatever byte it was cut; opening it again changes nothing', async () => {
    const directory = temporaryDirectory();
    const recovered = join(directory, 'recovered');
    for (let cut = firstEnd; cut <= whole.length; cut += 1) {
      const path = writeText(join(directory, 'r.jsonl'), whole.subarray(0, cut));
      const repair = await openAndClose(path, recovered);
      const repaired = readFileSync(path);
      const wholeLines = lineEnds.filter((end) => end <= cut).length;
      const lastEnd = (lineEnds[wholeLines - 1] ?? 0) + 1;
      expect(repaired).toEqual(whole.subarray(0, lastEnd));
      if (cut >= lastEnd) expect(repair?.bytes ?? 0).toBe(cut - lastEnd);
      expect(await openAndClose(path, recovered)).toBeUndefined();
      expect(readFileSync(path)).toEqual(repaired);
    }
    const saved = readdirSync(recovered).map((name) => readFileSync(join(recovered, name)));
    const torn = whole.length - firstEnd - lineEnds.length - (lineEnds.length - 1);
    expect(saved).toHaveLength(torn);
  });

  it('is refused before the first whole record, and leaves the file alone', async () => {
    const directory = temporaryDirectory();
    for (let cut = 1; cut < firstEnd; cut += 1) {
      const path = writeText(join(directory, 'r.jsonl'), whole.subarray(0, cut));
      await expect(openRollout(path, directory)).rejects.toThrowError(
        'failed to parse conversation ID from rollout file',
      );
      expect(statSync(path).size).toBe(cut);
    }
  });

  it.each([
    ['garbage', Buffer.from('garbage')],
    ['NUL bytes', Buffer.alloc(300)],
    ['half a character', Buffer.from([0xf0, 0x9f])],
    ['an object that is not UTF-8', Buffer.from('{"a":"\xff"}', 'latin1')],
    ['a number, which is JSON but no record', Buffer.from('123')],
    ['much more than is read at once', Buffer.alloc(200_000, 'x')],
  ])('saves a tail of %s, for its owner alone', async (_what, tail) => {
    const directory = temporaryDirectory();
    const path = writeText(join(directory, 'r.jsonl'), Buffer.concat([whole, tail]));
    const repair = await openAndClose(path, join(directory, 'recovered'));
    if (repair?.kind !== 'removed') throw new Error('nothing was saved');
    expect(repair.savedTo).toMatch(/recovered\/r\.jsonl\.\d{4}-\d{2}-\d{2}T[\d.-]+Z\.tail$/);
    expect(readFileSync(repair.savedTo)).toEqual(tail);
    expect(statSync(repair.savedTo).mode & 0o777).toBe(0o600);
    expect(readFileSync(path)).toEqual(whole);
  });

  it('goes on behind the repaired end', async () => {
    const directory = temporaryDirectory();
    const path = writeText(join(directory, 'r.jsonl'), Buffer.concat([whole, Buffer.from('{"torn')]));
    const { writer } = await openRollout(path, directory);
    await writer.append([userRecord('more')], { sync: true });
    await writer.close();
    const stored = await readRollout(path);
    expect(stored.damagedLines).toEqual([]);
    expect([...stored.lines.entries()].at(-1)).toEqual({
      type: 'response_item',
      item: userRecord('more').payload,
    });
  });

  it('is refused when there is no file, and makes none', async () => {
    const directory = temporaryDirectory();
    await expect(openRollout(join(directory, 'r.jsonl'), directory)).rejects.toThrowError(
      'No such file or directory (os error 2)',
    );
    expect(readdirSync(directory)).toEqual([]);
  });
});
