import { describe, expect, test } from 'vitest';
import { editText } from '../../../src/core/patch/edit-text.ts';
import { PatchError } from '../../../src/core/patch/errors.ts';
import { parsePatch } from '../../../src/core/patch/parse.ts';
import { update } from './patch-text.ts';

/** The text of a file after an update with these lines. */
function edit(text: string, ...lines: string[]): string {
  const [hunk] = parsePatch(update('a', ...lines));
  if (hunk?.type !== 'update') throw new Error('not an update');
  return editText(text, hunk.chunks, '/w/a');
}

type Edit = [what: string, before: string, lines: string[], after: string];

describe('an update finds its place', () => {
  test.each<Edit>([
    ['exactly', 'one\ntwo\nthree\n', ['@@', ' one', '-two', '+2'], 'one\n2\nthree\n'],
    ['at the first of several', 'a\nb\na\n', ['@@', '-a', '+A'], 'A\nb\na\n'],
    ['after the chunk before it', 'a\nb\na\n', ['@@', '-a', '+A', '@@', '-a', '+B'], 'A\nb\nB\n'],
    ['after its header', 'f1\nx\nf2\nx\n', ['@@ f2', '-x', '+X'], 'f1\nx\nf2\nX\n'],
    ['after an indented header', 'f1\nx\n  f2 \nx\n', ['@@ f2', '-x', '+X'], 'f1\nx\n  f2 \nX\n'],
    ['at the end of the file', 'x\ny\nx\n', ['@@', '-x', '+X', '*** End of File'], 'x\ny\nX\n'],
    ['at its end even behind a header there', 'x\ny\n', ['@@ y', ' y', '+z', '*** End of File'], 'x\ny\nz\n'],
    ['despite trailing spaces in the file', 'one  \ntwo\t\n', ['@@', ' one', '-two', '+2'], 'one\n2\n'],
    ['despite trailing spaces in the patch', 'one\ntwo\n', ['@@', ' one  ', '-two ', '+2 '], 'one  \n2 \n'],
    ['despite indentation', '  one\n\ttwo\n', ['@@', ' one', '-two', '+2'], 'one\n2\n'],
    ['despite dashes', '\u2010\u2011\u2012\u2013\u2014\u2015\u2212\n', ['@@', '--------', '+c'], 'c\n'],
    ['despite single quotes', '\u2018\u2019\u201a\u201b\n', ['@@', "-''''", '+c'], 'c\n'],
    ['despite double quotes', '\u201c\u201d\u201e\u201f\n', ['@@', '-""""', '+c'], 'c\n'],
    ['despite wide spaces', 'x\u00a0\u2002\u200a\u202f\u205f\u3000y\n', ['@@', '-x      y', '+c'], 'c\n'],
    ['despite typography in the patch', 'a - b\n', ['@@', '-a \u2014 b', '+c'], 'c\n'],
    ['exactly rather than earlier', 'x \nx\n', ['@@', '-x', '+y'], 'x \ny\n'],
    ['by trailing space rather than earlier', ' x\nx \n', ['@@', '-x', '+y'], ' x\ny\n'],
    ['without the blank line after it', 'x\ny\n', ['@@', '-x', '+X', ' y', ''], 'X\ny\n'],
    ['without the blank line it removes', 'x\ny\n', ['@@', ' x', '-y', '-'], 'x\n'],
    ['with a blank line in the middle', 'x\n\ny\n', ['@@', ' x', '', '-y', '+Y'], 'x\n\nY\n'],
  ])('%s', (_what, before, lines, after) => {
    expect(edit(before, ...lines)).toBe(after);
  });

  test.each<Edit>([
    ['are added at the end', 'a\nb\n', ['@@', '+c'], 'a\nb\nc\n'],
    ['are added in order', 'a\n', ['@@', '+c', '@@', '+d'], 'a\nc\nd\n'],
    ['are added at the end whatever the header', 'f\nx\ng\n', ['@@ f', '+new'], 'f\nx\ng\nnew\n'],
    ['are added to an empty file', '', ['@@', '+c'], 'c\n'],
    ['take the place of a blank last line', 'a\n\n', ['@@', '+c'], 'a\nc\n'],
    ['do not move on the search', 'a\nb\n', ['@@', '+c', '@@', '-a', '+A'], 'A\nb\nc\n'],
  ])('lines without context %s', (_what, before, lines, after) => {
    expect(edit(before, ...lines)).toBe(after);
  });

  test.each<Edit>([
    ['gains a final newline', 'a\nb', ['@@', '-b', '+B'], 'a\nB\n'],
    ['gains a final newline far from the change', 'a\nb', ['@@', '-a', '+A'], 'A\nb\n'],
    ['is empty when all is removed', 'x\ny\n', ['@@', '-x', '-y'], ''],
    ['loses an added blank line at its end', 'x\n', ['@@', ' x', '+'], 'x\n'],
    ['keeps CRLF on lines that are not touched', 'a\r\nb\r\nc\r\n', ['@@', ' a', '-b', '+B'], 'a\nB\nc\r\n'],
    ['keeps NUL and lone CR', 'a\0b\rc\nd\n', ['@@', '-d', '+D'], 'a\0b\rc\nD\n'],
    ['stays as it is without changes', 'a\nb\n', ['@@', ' a'], 'a\nb\n'],
  ])('the file %s', (_what, before, lines, after) => {
    expect(edit(before, ...lines)).toBe(after);
  });
});

describe('an update that does not fit', () => {
  const missing = (...lines: string[]) => `Failed to find expected lines in /w/a:\n${lines.join('\n')}`;

  test.each<[what: string, before: string, lines: string[], message: string]>([
    ['names the lines it looked for', 'x\n', ['@@', ' x', '-y', '-z'], missing('x', 'y', 'z')],
    ['keeps the order of chunks', 'a\nb\n', ['@@', '-b', '+B', '@@', '-a', '+A'], missing('a')],
    ['takes the end of the file literally', 'x\ny\n', ['@@', '-x', '*** End of File'], missing('x')],
    ['tells two blank lines from one', 'x\n', ['@@', '-x', '', ''], missing('x', '', '')],
    ['does not guess at other punctuation', 'x\u2026\n', ['@@', '-x...', '+c'], missing('x...')],
    ['does not skip a byte order mark', '\ufeffx\n', ['@@', '-x', '+z'], missing('x')],
    ['does not touch a line twice', 'x\n', ['@@', '-x', '@@', '-x', '*** End of File'], missing('x')],
    ['names the header it looked for', 'x\n', ['@@ nope', '-x'], "Failed to find context 'nope' in /w/a"],
    ['takes the header as a whole line', 'f(a)\nx\n', ['@@ f', '-x'], "Failed to find context 'f' in /w/a"],
    ['takes an empty header literally', 'x\n', ['@@ ', '-x'], "Failed to find context '' in /w/a"],
    [
      'does not look back for a header',
      'f\ng\n',
      ['@@ g', '@@ f', '-x'].toSpliced(1, 0, '+1'),
      "Failed to find context 'f' in /w/a",
    ],
  ])('%s', (_what, before, lines, message) => {
    expect(() => edit(before, ...lines)).toThrow(new PatchError(message));
  });
});
