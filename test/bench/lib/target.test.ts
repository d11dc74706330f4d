import { expect, it } from 'vitest';
import { atLeast, atMost, linear, noLessThan, noMoreThan } from '../../../bench/lib/target.ts';

it('a target beside another contender is met by the factor', () => {
  const target = atMost(0.9, 'theirs');
  expect(target.text).toBe('<= 0.9x theirs');
  expect(target.isMet({ codexd: 90, theirs: 100 })).toBe(true);
  expect(target.isMet({ codexd: 91, theirs: 100 })).toBe(false);
  expect(atLeast(5, 'theirs').isMet({ codexd: 500, theirs: 100 })).toBe(true);
  expect(atLeast(5, 'theirs').isMet({ codexd: 499, theirs: 100 })).toBe(false);
});

it('a target by itself is met by the figure', () => {
  expect(noMoreThan(50, 'kB').isMet({ codexd: 50 })).toBe(true);
  expect(noMoreThan(50, 'kB').isMet({ codexd: 51 })).toBe(false);
  expect(noLessThan(40_000, '/s').text).toBe('>= 40,000 /s');
  expect(noLessThan(40_000, '/s').isMet({ codexd: 39_999 })).toBe(false);
});

it('growth is linear up to the noise', () => {
  expect(linear(10, 5).isMet({ codexd: 54 })).toBe(true);
  expect(linear(10, 5).isMet({ codexd: 56 })).toBe(false);
});

it('nothing is said where a figure is missing', () => {
  expect(atMost(1, 'theirs').isMet({ codexd: 1 })).toBeUndefined();
  expect(atMost(1, 'theirs').isMet({ codexd: 1, theirs: 'failed' })).toBeUndefined();
  expect(noMoreThan(1, 'ms').isMet({ codexd: 'failed' })).toBeUndefined();
});
