import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinWords, splitWords } from '../../../src/core/exec/shell-quote.ts';

test.each([
  [['ls', '-la', 'a/b_c-d.e', '@x:y+z', ']'], 'ls -la a/b_c-d.e @x:y+z ]'],
  [['a b', ''], "'a b' ''"],
  [['a=b', 'a,b', '*', '~', 'é', '#x'], "'a=b' 'a,b' '*' '~' 'é' '#x'"],
  [["it's"], `"it's"`],
  [['a\\b'], '"a\\\\b"'],
  [["a'$b"], `"a'"'$b'`],
  [["$ '"], `'$ '"'"`],
  [['a^', '^a', '^^', '^import'], "a'^' '^a' '^''^' '^import'"],
  [['\\$'], `"\\\\"'$'`],
  [['a\0b'], '<command included NUL byte>'],
])('%j is written as %s', (words, line) => {
  expect(joinWords(words)).toBe(line);
});

test('every line that is written reads back as the same words', () => {
  const words = fc.array(fc.string({ unit: fc.constantFrom(...'ab\'"\\$`^! \n#é') }), { minLength: 1 });
  fc.assert(
    fc.property(words, (list) => {
      expect(splitWords(joinWords(list))).toEqual(list);
    }),
  );
});

test.each([
  ['  a\tb\n c ', ['a', 'b', 'c']],
  [`a'b c'"d e"f`, ['ab cd ef']],
  ['a "" \'\' b', ['a', '', '', 'b']],
  ['a # b\nc', ['a', 'c']],
  ['a#b', ['a#b']],
  ['ls; pwd|x', ['ls;', 'pwd|x']],
  ['"\\$\\`\\"\\\\\\n\\a"', ['$`"\\\\n\\a']],
  ['a\\ b \\# \\\nc', ['a b', '#', 'c']],
  ['', []],
])('%j splits into %j', (text, words) => {
  expect(splitWords(text)).toEqual(words);
});

test.each(["a 'b", 'a "b', 'a\\', '"\\"'])('%j has something left open', (text) => {
  expect(splitWords(text)).toBeUndefined();
});

test('an open quote in a long text is found at once', () => {
  expect(splitWords(`echo "${'a'.repeat(200_000)}`)).toBeUndefined();
});
