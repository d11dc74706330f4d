import { open } from 'node:fs/promises';
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

  it('are given up when one has no end within 256 MiB', () => {
    const assembler = lineAssembler(10);
    const chunk = Buffer.alloc(64 * 1024 * 1024);
    assembler.push(Buffer.from('first\n'));
    for (let read = 0; read < 256; read += 64) expect(assembler.push(chunk)).toEqual([]);
    expect(() => assembler.push(chunk)).toThrow('line 2 is longer than 268435456 bytes');
  });
});
