import { expect, test } from 'vitest';
import { lineSplitter } from '../../../src/core/mcp/lines.ts';

const linesOf = (chunks: readonly (string | Buffer)[], maxBytes = 100) => {
  const split = lineSplitter(maxBytes);
  return chunks.flatMap((chunk) => split(Buffer.from(chunk)));
};

test('lines are put together from any chunks', () => {
  expect(linesOf(['a', 'b\ncd\n\ne', '', 'f\n', 'rest'])).toEqual(['ab', 'cd', '', 'ef']);
});

test('a character may be spread over chunks', () => {
  const bytes = Buffer.from('é\n');
  expect(linesOf([bytes.subarray(0, 1), bytes.subarray(1)])).toEqual(['é']);
});

test('a line may be as long as allowed, but not longer', () => {
  expect(linesOf(['12', '34\n', '1234\n'], 4)).toEqual(['1234', '1234']);
  expect(() => linesOf(['12', '345'], 4)).toThrow('a line is longer than 4 bytes');
  expect(() => linesOf(['12345\n'], 4)).toThrow('a line is longer than 4 bytes');
});
