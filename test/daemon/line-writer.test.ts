import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { createLineWriter } from '../../src/daemon/line-writer.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

function openWriter() {
  const writes: string[] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(text, _, done) {
      writes.push(String(text));
      done();
    },
  });
  return { ...createLineWriter(stream), writes };
}

describe('REL-DISK-3: lines of the log', () => {
  test('of one turn of the event loop leave at its end in one write', async () => {
    const { write, writes } = openWriter();
    write('a\n');
    write('b\n');
    expect(writes).toEqual([]);
    await turn();
    expect(writes).toEqual(['a\nb\n']);
  });

  test('of many turns leave together, soon and in order', async () => {
    const { write, writes } = openWriter();
    for (let line = 0; line < 50; line += 1) {
      write(`${line}\n`);
      await turn();
    }
    await sleep(30);
    expect(writes.join('')).toBe(Array.from({ length: 50 }, (_, line) => `${line}\n`).join(''));
    expect(writes.length).toBeLessThan(25);
  });

  test('leave at once when one of them is urgent', () => {
    const { write, writes } = openWriter();
    write('a\n');
    write('b\n', true);
    write('c\n');
    expect(writes).toEqual(['a\nb\n']);
  });

  test('leave at once when they are many', () => {
    const { write, writes } = openWriter();
    for (let line = 0; line < 100; line += 1) write(`${'x'.repeat(1_000)}\n`);
    expect(writes.join('').length).toBeGreaterThan(60_000);
  });

  test.each([
    ['exits', 'process.exit(3)'],
    ['throws what nobody catches', 'throw new Error("x")'],
    ['has nothing more to do', ''],
  ])('are all there when the process %s', (_, end) => {
    const place = (name: string) => JSON.stringify(join(import.meta.dirname, '../../src/daemon', name));
    const program = `
      import { createLineWriter } from ${place('line-writer.ts')};
      const { write, writeAll } = createLineWriter(process.stderr);
      process.once('exit', writeAll);
      for (let line = 0; line < 500; line += 1) write('line ' + line + '\\n');
      ${end}`;
    const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
    });
    const lines = stderr.split('\n').filter((line) => line.startsWith('line '));
    expect(lines).toEqual(Array.from({ length: 500 }, (_, line) => `line ${line}`));
  });
});
