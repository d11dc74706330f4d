import { describe, expect, test } from 'vitest';
import { setKey } from '../../../src/core/config/toml-edit.ts';

const lines = (...texts: string[]): string => texts.map((text) => `${text}\n`).join('');

describe('setting a key', () => {
  test.for<[what: string, before: string, after: string]>([
    ['of an empty file', '', 'k = "v"\n'],
    ['that is there keeps its place and the space before the sign', 'k\t= 1\nz = 2\n', 'k\t= "v"\nz = 2\n'],
    ['gives the value one space of its own', 'k="a"\n', 'k= "v"\n'],
    ['keeps the comment behind the value', 'k = "a" # why\n', 'k = "v" # why\n'],
    ['keeps how the key is written', '"k" = """\na\n"""\n', '"k" = "v"\n'],
    [
      'that is new puts it below the last key of the top level',
      lines('a = 1 # c', '', '# t', '[t]'),
      lines('a = 1 # c', 'k = "v"', '', '# t', '[t]'),
    ],
    ['that is new puts it first when there is none', lines('# t', '[t]'), lines('k = "v"', '# t', '[t]')],
    [
      'looks for the end of values of several lines',
      lines('a = """', '[no]', '"""', '[t]'),
      lines('a = """', '[no]', '"""', 'k = "v"', '[t]'),
    ],
    ['ends a last line that has no end', 'a = 1', 'a = 1\nk = "v"\n'],
    ['ends lines as the file does', 'a = 1\r\n[t]\r\n', 'a = 1\r\nk = "v"\r\n[t]\r\n'],
    ['does not take a key of another table for it', lines('[t]', 'k = 1'), lines('k = "v"', '[t]', 'k = 1')],
  ])('%s', ([, before, after]) => {
    expect(setKey(before, [], 'k', 'v')).toBe(after);
  });

  test.for<[what: string, before: string, after: string]>([
    ['with a header', lines('[p.q]', 'k = 1', '[z]'), lines('[p.q]', 'k = "v"', '[z]')],
    [
      'with a header and other keys',
      lines('[p.q]', 'a = 1', '[z]'),
      lines('[p.q]', 'a = 1', 'k = "v"', '[z]'),
    ],
    ['with a header alone', lines('[p.q] # h', '# c', '[z]'), lines('[p.q] # h', 'k = "v"', '# c', '[z]')],
    ['that is written in line', 'p.q = { a = 1 } # c\n', 'p.q = { a = 1, k = "v" } # c\n'],
    ['that is written in line and has the key', 'p = { q = {k=1, a = 1} }\n', 'p = { q = {k="v", a = 1} }\n'],
    ['that is empty and in line', 'p.q = {}\n', 'p.q = { k = "v" }\n'],
    ['that is to be in a table in line', 'p = { r = 1 }\n', 'p = { r = 1, q.k = "v" }\n'],
    [
      'that keys with dots reach into',
      lines('p.q.a = 1', 'z = 1'),
      lines('p.q.a = 1', 'p.q.k = "v"', 'z = 1'),
    ],
    [
      'that keys with dots reach into from a table',
      lines('[p]', '"q".a = 1'),
      lines('[p]', '"q".a = 1', '"q".k = "v"'),
    ],
    [
      'that is missing comes after its neighbours',
      lines('[p.r]', 'a = 1', '', '[z]'),
      lines('[p.r]', 'a = 1', '', '[p.q]', 'k = "v"', '', '[z]'),
    ],
    [
      'that is missing comes before what is in it',
      lines('a = 1', '[p.q.r]'),
      lines('a = 1', '', '[p.q]', 'k = "v"', '[p.q.r]'),
    ],
    [
      'that is missing comes last without neighbours',
      lines('a = 1', '[z]', 'b = 1'),
      lines('a = 1', '[z]', 'b = 1', '', '[p.q]', 'k = "v"'),
    ],
  ])('of a table %s', ([, before, after]) => {
    expect(setKey(before, ['p', 'q'], 'k', 'v')).toBe(after);
  });

  test('quotes names and texts that need it', () => {
    expect(setKey('a = 1\n', ['p', 'q.r'], 'k', 'a"\\\n\u0000\u007f\ud800é')).toBe(
      'a = 1\n\n[p."q.r"]\nk = "a\\"\\\\\\n\\u0000\\u007f\ufffdé"\n',
    );
  });

  test('writes a text with quotes as the reference does', () => {
    expect(setKey('', [], 'k', 'a "b" \\ c')).toBe(`k = 'a "b" \\ c'\n`);
  });

  test.for([
    ['k.a = 1\n', '`k` is a table'],
    ['[k]\n', '`k` is a table'],
    ['[[k]]\n', '`k` is a table'],
  ])('refuses to replace a table: %s', ([before = '', message]) => {
    expect(() => setKey(before, [], 'k', 'v')).toThrow(message);
  });

  test.for([
    ['p = 1\n', '`p` is not a table'],
    ['p.q = []\n', '`p.q` is not a table'],
    ['[[p]]\n', '`p` is not a table'],
    ['[[p.q]]\n', '`p.q` is not a table'],
  ])('refuses to make a table of something else: %s', ([before = '', message]) => {
    expect(() => setKey(before, ['p', 'q'], 'k', 'v')).toThrow(message);
  });
});

describe('removing a key', () => {
  test.for<[what: string, before: string, after: string]>([
    ['that is not there changes nothing', 'a = 1', 'a = 1'],
    ['takes its line, and leaves the comment above', lines('# c', 'k = 1', 'a = 1'), lines('# c', 'a = 1')],
    [
      'leaves the comment behind it on a line by itself',
      lines('  k = 1 # c', 'a = 1'),
      lines('  # c', 'a = 1'),
    ],
    ['takes all lines of its value', lines('k = [', '1,', ']', 'a = 1'), lines('a = 1')],
    ['takes the last line, ended or not', 'a = 1\nk = 1', 'a = 1\n'],
    ['takes the whole line of a file with other line ends', 'k = 1\r\na = 1\r\n', 'a = 1\r\n'],
  ])('%s', ([, before, after]) => {
    expect(setKey(before, [], 'k', undefined)).toBe(after);
  });

  test.for([
    ['t = { k = 1 }', 't = {  }'],
    ['t = { k = 1, a = 1 }', 't = { a = 1 }'],
    ['t = { a = 1, k = 1 }', 't = { a = 1 }'],
    ['t = { a = 1, k = 1, b = 1 }', 't = { a = 1, b = 1 }'],
  ])('takes it out of a table in line: %s', ([before = '', after]) => {
    expect(setKey(before, ['t'], 'k', undefined)).toBe(after);
  });
});
