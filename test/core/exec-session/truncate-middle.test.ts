import { describe, expect, test } from 'vitest';
import { truncateMiddle } from '../../../src/core/exec-session/truncate-middle.ts';

const numbers = (last: number): string =>
  Array.from({ length: last }, (_, index) => `${index + 1}\r\n`).join('');

const truncated = (text: string, maxBytes: number) =>
  truncateMiddle({ text, total: Buffer.byteLength(text) }, maxBytes);

describe('an output that is too long', () => {
  test('is left alone up to the limit', () => {
    expect(truncated('abcd', 4)).toEqual({ text: 'abcd' });
  });

  // All seen on the 0.36.0 release.
  test.each([
    [numbers(100), 40, 98, '1\r\n2\r\n…96 tokens truncated…\n100\r\n'],
    [
      numbers(100),
      80,
      98,
      '1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n7\r\n8\r\n9\r\n…85 tokens truncated…\n95\r\n96\r\n97\r\n98\r\n99\r\n100\r\n',
    ],
    ['x'.repeat(200), 40, 50, 'xxxxxxx…47 tokens truncated…\nxxxxxxxx'],
    ['é'.repeat(100), 40, 50, 'ééé…47 tokens truncated…\néééé'],
    [numbers(1000), 4, 1224, '…1224 tokens truncated…'],
    ['x\r\n', 0, 1, '…1 tokens truncated…'],
  ])('keeps its start and its end: %#', (text, maxBytes, originalTokens, expected) => {
    expect(truncated(text, maxBytes)).toEqual({ text: expected, originalTokens });
  });

  test('has a size that counts what had been cut out before', () => {
    const { originalTokens } = truncateMiddle({ text: 'x'.repeat(200), total: 4000 }, 100);
    expect(originalTokens).toBe(1000);
  });

  test('stays within its limit, the line break after the marker aside, and says how much is gone', () => {
    for (let limit = 30; limit < 400; limit++) {
      const { text } = truncated(numbers(300), limit);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit + 1);
      const [marker = '', omitted] = /…(\d+) tokens truncated…\n?/.exec(text) ?? [];
      const gone = Buffer.byteLength(numbers(300)) - Buffer.byteLength(text.replace(marker, ''));
      expect(Number(omitted)).toBe(Math.ceil(gone / 4));
    }
  });
});
