import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type LineOptions, lineAssembler, readLines, textOf } from '../../../src/core/rollout/lines.ts';
import { temporaryDirectory, writeText } from './samples.ts';

async function linesOf(content: string | Buffer, options: LineOptions = {}) {
  await using file = await open(writeText(join(temporaryDirectory(), 'lines'), content));
  const lines = [];
  for await (const batch of readLines(file, options))
    for (const line of batch)
      lines.push({ text: textOf(line), start: line.start, end: line.end, terminated: line.terminated });
  return lines;
}

/** How many reads are under way; all after the first `good` of them fail. */
function countReads(file: FileHandle, good = Number.POSITIVE_INFINITY) {
  let running = 0;
  let begun = 0;
  const read: FileHandle['read'] = async (...args: unknown[]) => {
    running += 1;
    begun += 1;
    try {
      if (begun > good) throw new Error('EIO: i/o error');
      return await Reflect.apply(file.read, file, args);
    } finally {
      running -= 1;
    }
  };
  const counted = new Proxy(file, {
    get: (target, key) => (key === 'read' ? read : Reflect.get(target, key)),
  });
  return { running: () => running, counted };
}

describe('the lines of a file', () => {
  it('have their offsets, also when they lie across several reads', async () => {
    const expected = [
      { text: 'ä', start: 0, end: 3, terminated: true },
      { text: '', start: 3, end: 4, terminated: true },
      { text: 'long line', start: 4, end: 14, terminated: true },
      { text: 'rest', start: 14, end: 18, terminated: false },
    ];
    for (const chunkBytes of [1, 2, 5, 100])
      expect(await linesOf('ä\n\nlong line\nrest', { chunkBytes })).toEqual(expected);
  });

  it('end where they are told to', async () => {
    expect((await linesOf('one\ntwo\nthree\n', { end: 6 })).map(({ text }) => text)).toEqual(['one', 'tw']);
  });

  it('have no text when they are too long or not UTF-8', async () => {
    const content = Buffer.concat([
      Buffer.from('12345678\n'),
      Buffer.from([0xc3, 0x0a]),
      Buffer.from('ok\n'),
    ]);
    for (const chunkBytes of [3, 100]) {
      const lines = await linesOf(content, { maxLineBytes: 7, chunkBytes });
      expect(lines.map(({ text, end }) => [text, end])).toEqual([
        [undefined, 9],
        [undefined, 11],
        ['ok', 14],
      ]);
    }
  });

  it('are read ahead, but nothing is read any more when nobody wants more of them', async () => {
    const path = writeText(join(temporaryDirectory(), 'lines'), 'one\ntwo\nthree\n');
    await using file = await open(path);
    const { running, counted } = countReads(file);
    for await (const [first] of readLines(counted, { chunkBytes: 4 })) {
      expect([first && textOf(first), running()]).toEqual(['one', 1]);
      break;
    }
    expect(running()).toBe(0);
  });

  it('end with the failure of the read that came after them', async () => {
    const path = writeText(join(temporaryDirectory(), 'lines'), 'one\ntwo\n');
    await using file = await open(path);
    const { counted } = countReads(file, 1);
    const seen: unknown[] = [];
    const reading = (async () => {
      for await (const batch of readLines(counted, { chunkBytes: 4 })) seen.push(...batch.map(textOf));
    })();
    await expect(reading).rejects.toThrow('EIO');
    expect(seen).toEqual(['one']);
  });

  it('are given up when one has no end within 256 MiB', () => {
    const assembler = lineAssembler(10);
    const chunk = Buffer.alloc(64 * 1024 * 1024);
    assembler.push(Buffer.from('first\n'));
    for (let read = 0; read < 256; read += 64) expect(assembler.push(chunk)).toEqual([]);
    expect(() => assembler.push(chunk)).toThrow('line 2 is longer than 268435456 bytes');
  });
});
