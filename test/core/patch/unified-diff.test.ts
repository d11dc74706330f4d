import { describe, expect, test } from 'vitest';
import { unifiedDiff } from '../../../src/core/patch/unified-diff.ts';

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `l${i}\n`);
const lines = (letters: string) => [...letters].map((letter) => `${letter}\n`).join('');
const signs = (diff: string) =>
  diff
    .split('\n')
    .filter((line) => !line.startsWith('@@'))
    .join('');

describe('a unified diff', () => {
  test('of equal texts is empty', () => {
    expect(unifiedDiff('a\nb\n', 'a\nb\n', 3)).toBe('');
    expect(unifiedDiff('', '', 3)).toBe('');
  });

  test('has hunks with as much context as asked for', () => {
    const old = numbered(30);
    const changed = old.with(2, 'L2\n').with(10, 'L10\nL10b\n').with(21, '').join('');
    expect(unifiedDiff(old.join(''), changed, 1)).toBe(
      '@@ -2,3 +2,3 @@\n l1\n-l2\n+L2\n l3\n' +
        '@@ -10,3 +10,4 @@\n l9\n-l10\n+L10\n+L10b\n l11\n' +
        '@@ -21,3 +22,2 @@\n l20\n-l21\n l22\n',
    );
  });

  test('joins changes whose context meets', () => {
    const old = lines('abcdefghi');
    expect(unifiedDiff(old, lines('AbcdefgHi'), 3).match(/^@@/gm)).toHaveLength(1);
    expect(unifiedDiff(old, lines('AbcdefghI'), 3).match(/^@@/gm)).toHaveLength(2);
  });

  test.each([
    ['', 'c\n', '@@ -0,0 +1 @@\n+c\n'],
    ['x\n', '', '@@ -1 +0,0 @@\n-x\n'],
    ['x\ny\n', '', '@@ -1,2 +0,0 @@\n-x\n-y\n'],
    ['a\nb\n', 'a\nb\nc\n', '@@ -2 +2,2 @@\n b\n+c\n'],
    ['x\n\n', 'x\n', '@@ -1,2 +1 @@\n x\n-\n'],
    ['a\nb', 'a\nB\n', '@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+B\n'],
    ['a\nb', 'A\nb\n', '@@ -1,2 +1,2 @@\n-a\n-b\n\\ No newline at end of file\n+A\n+b\n'],
    ['a\n', 'a', '@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n'],
    ['x', '', '@@ -1 +0,0 @@\n-x\n\\ No newline at end of file\n'],
    ['a\r\nb\r\n', 'a\nb\r\n', '@@ -1,2 +1,2 @@\n-a\r\n+a\n b\r\n'],
    ['a\rb\nc\n', 'a\rb\nC\n', '@@ -2,2 +2,2 @@\n b\n-c\n+C\n'],
    ['b\nc\r', 'v\nc\r\n', '@@ -1,2 +1,2 @@\n-b\n-c\r+v\n+c\r\n'],
    [
      'p\u000bq\u2028r\u0085s\nu\n',
      'p\u000bq\u2028r\u0085s\nv\n',
      '@@ -1,2 +1,2 @@\n p\u000bq\u2028r\u0085s\n-u\n+v\n',
    ],
  ])('of %j and %j', (old, changed, diff) => {
    expect(unifiedDiff(old, changed, 1)).toBe(diff);
  });
});

// Recorded from the reference: where several shortest diffs exist, clients know this one.
test.each([
  ['cbcac', 'a', '-c-b-c a-c'],
  ['cecca', 'ceeacc', ' c e+e+a c c-a'],
  ['aaaabbb', 'aaaabb', ' a b b-b'],
  ['ddbiwdlx', 'qiwtzvts', '-d-d-b+q i w-d-l-x+t+z+v+t+s'],
  ['bcbabbbbcab', 'bbbbcab', ' b-c-b-a-b b b b'],
  ['baaabbbbbaab', 'aabbbbab', '-b-a a a b b b b-b-a a b'],
  ['awzhrdddjjrtc', 'awzhldddjjrtc', ' w z h-r+l d d d'],
  ['ba', 'aa', '-b a+a'],
  ['aab', 'babb', '-a+b a b+b'],
  ['caacbc', 'aacccab', '-c a a c-b c+c+a+b'],
  ['abaabaaaabaaab', 'bbbbbbaa', '-a b-a-a b-a-a-a-a b-a+b+b+b a a-b'],
  ['ba', 'abb', '+a+b b-a'],
  ['egqkv', 'egckykk', ' e g-q+c+k+y+k k-v'],
  ['bbbcbbcc', 'bbabbbbbcc', ' b b+a+b+b b-c b b c'],
  ['jqmags', 'nqceqma', '-j+n q+c+e+q m a-g-s'],
  ['baaccbbaa', 'aabcbccbbbbbc', '-b a a+b c+b c+c+b+b b b-a-a+b+c'],
  ['caaaabcaaaaaca', 'abbccccccbcbb', '-c-a-a a-a b+b+c+c+c+c c-a-a-a-a-a c-a+b+c+b+b'],
])('the diff of %s and %s is the reference’s', (old, changed, expected) => {
  expect(signs(unifiedDiff(lines(old), lines(changed), 3))).toBe(expected);
});

test('two large texts without much in common are compared in reasonable time', () => {
  const text = (factor: number) =>
    Array.from({ length: 30_000 }, (_, i) => `${(i * factor) % 7919}\n`).join('');
  const start = performance.now();
  expect(unifiedDiff(text(31), text(57), 3)).not.toBe('');
  expect(performance.now() - start).toBeLessThan(5_000);
});
