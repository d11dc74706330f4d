import fc from 'fast-check';
import { expect, test } from 'vitest';
import { retainOutput } from '../../../src/core/exec/retained-output.ts';

const MARKER = /\n\[\.\.\. (\d+) of (\d+) bytes were not kept \.\.\.\]\n/;

function retain(limit: number, chunks: readonly (string | Uint8Array)[]): string {
  const output = retainOutput(limit);
  for (const chunk of chunks) output.append(Buffer.from(chunk));
  return output.text();
}

test('what fits is kept as it came, whatever the chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (chunks) => {
      expect(retain(100_000, chunks)).toBe(chunks.join(''));
    }),
  );
});

test('what does not fit keeps exactly its first and last halves', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, unit: fc.constantFrom('a', 'b', 'c') })),
      fc.integer({ min: 1, max: 40 }),
      (chunks, limit) => {
        const all = chunks.join('');
        fc.pre(all.length > limit);
        const half = Math.floor(limit / 2);
        const tail = all.slice(all.length - (limit - half));
        expect(retain(limit, chunks)).toBe(
          `${all.slice(0, half)}\n[... ${all.length - limit} of ${all.length} bytes were not kept ...]\n${tail}`,
        );
      },
    ),
  );
});

test('a character at the cut is left out whole and counted', () => {
  const text = retain(21, ['é'.repeat(100)]);
  expect(text).not.toContain('\uFFFD');
  const marker = MARKER.exec(text);
  expect(Number(marker?.[1]) + Buffer.byteLength(text.replace(MARKER, ''))).toBe(200);
});

test('invalid UTF-8 becomes U+FFFD, a character split over chunks does not', () => {
  expect(retain(100, [Uint8Array.of(0x61, 0xff, 0xc3), Uint8Array.of(0xa9)])).toBe('a\uFFFDé');
});

test('a copy goes on by itself', () => {
  const original = retainOutput(100);
  original.append(Buffer.from('a'));
  const copy = original.copy();
  copy.append(Buffer.from('b'));
  original.append(Buffer.from('c'));
  expect([original.text(), copy.text()]).toEqual(['ac', 'ab']);
});

test('a limit that is no positive integer is refused', () => {
  expect(() => retainOutput(0)).toThrow('limit must be a positive integer: 0');
});
