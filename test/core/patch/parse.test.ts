import { describe, expect, test } from 'vitest';
import { PatchError } from '../../../src/core/patch/errors.ts';
import { parsePatch } from '../../../src/core/patch/parse.ts';
import { patchOf } from './patch-text.ts';

const FIRST = "invalid patch: The first line of the patch must be '*** Begin Patch'";
const LAST = "invalid patch: The last line of the patch must be '*** End Patch'";
const HEADERS =
  "Valid hunk headers: '*** Add File: {path}', '*** Delete File: {path}', '*** Update File: {path}'";
const EVERY_LINE = "Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)";
const ADD_B = patchOf('*** Add File: b', '+x');
const B_ADDED = [{ type: 'add', path: 'b', content: 'x\n' }];

describe('a patch', () => {
  test('adds, deletes and updates files', () => {
    const text = patchOf(
      '*** Add File: new.txt',
      '+one',
      '+',
      '*** Delete File: gone.txt',
      '*** Update File: old.txt',
      '*** Move to: dir/new name.txt',
      '@@ fn f() {',
      ' kept',
      '-before',
      '+after',
      '',
      '@@',
      '+last',
      '*** End of File',
    );
    expect(parsePatch(text)).toEqual([
      { type: 'add', path: 'new.txt', content: 'one\n\n' },
      { type: 'delete', path: 'gone.txt' },
      {
        type: 'update',
        path: 'old.txt',
        moveTo: 'dir/new name.txt',
        chunks: [
          {
            header: 'fn f() {',
            oldLines: ['kept', 'before', ''],
            newLines: ['kept', 'after', ''],
            atEndOfFile: false,
          },
          { header: undefined, oldLines: [], newLines: ['last'], atEndOfFile: true },
        ],
      },
    ]);
  });

  test('may leave out the first @@', () => {
    const [hunk] = parsePatch(patchOf('*** Update File: a', '-1', '+2', '@@', '-3'));
    expect(hunk).toMatchObject({ chunks: [{ header: undefined, oldLines: ['1'] }, { oldLines: ['3'] }] });
  });

  test('may be empty', () => {
    expect(parsePatch(patchOf())).toEqual([]);
  });

  test('may add an empty file', () => {
    expect(parsePatch(patchOf('*** Add File: e'))).toEqual([{ type: 'add', path: 'e', content: '' }]);
  });

  test.each([
    ['blank lines around it', `\n\n${ADD_B}\n\n`],
    ['any white space around it, U+0085 included', `\u00a0\u0085${ADD_B}\u2003`],
    ['CRLF line ends', ADD_B.replaceAll('\n', '\r\n')],
    ['a heredoc with quotes', `<<'EOF'\n${ADD_B}\nEOF`],
    ['a heredoc with double quotes', `<<"EOF"\n${ADD_B}\nEOF\n`],
    ['a heredoc without quotes', `<<EOF\n${ADD_B}\nEOF\n`],
    ['a heredoc whose end has something before it', `<<'EOF'\n${ADD_B}\nEOF EOF`],
  ])('is read with %s', (_what, text) => {
    expect(parsePatch(text)).toEqual(B_ADDED);
  });

  test('keeps inner spaces of a path and drops those at the end of a header', () => {
    expect(parsePatch(patchOf(' *** Add File:   b.txt '))).toMatchObject([{ path: '  b.txt' }]);
  });
});

describe('a malformed patch is refused with the reference’s words', () => {
  test.each([
    ['', LAST],
    ['hello', FIRST],
    ['*** Begin Patch', LAST],
    ['*** Begin Patch\n*** Add File: x\n+1', LAST],
    [`${ADD_B}\ntrailing`, LAST],
    [`foo\n${ADD_B}`, FIRST],
    ['*** Begin Patch \n*** Add File: b\n+1\n*** End Patch', FIRST],
    ['*** Begin Patch\n*** Add File: b\n+1\n  *** End Patch', LAST],
    [`\ufeff${ADD_B}`, FIRST],
    [`<<'EOF"\n${ADD_B}\nEOF`, FIRST],
    [`<<'PATCH'\n${ADD_B}\nPATCH`, FIRST],
    [`<<'EOF'\n${ADD_B}\n`, FIRST],
    ["<<'EOF'\nEOF\n", FIRST],
    [`<<'EOF'\n\n${ADD_B}\n\nEOF`, FIRST],
    ["<<'EOF'\n*** Begin Patch\n*** Add File: b\n+x\nEOF", LAST],
    [`apply_patch <<'EOF'\n${ADD_B}\nEOF\n`, FIRST],
  ])('boundaries: %j', (text, message) => {
    expect(() => parsePatch(text)).toThrow(new PatchError(message));
  });

  test.each([
    [['*** Frobnicate: x'], 2, `'*** Frobnicate: x' is not a valid hunk header. ${HEADERS}`],
    [[''], 2, `'' is not a valid hunk header. ${HEADERS}`],
    [['*** Add File: ', '+x'], 2, `'*** Add File:' is not a valid hunk header. ${HEADERS}`],
    [['*** Add File: b', 'x'], 3, `'x' is not a valid hunk header. ${HEADERS}`],
    [['*** Add File: b', ' +x'], 3, `'+x' is not a valid hunk header. ${HEADERS}`],
    [['*** Add File: b', '+x', ''], 4, `'' is not a valid hunk header. ${HEADERS}`],
    [['*** Delete File: a', '-one'], 3, `'-one' is not a valid hunk header. ${HEADERS}`],
    [['*** Update File: x'], 2, "Update file hunk for path 'x' is empty"],
    [['*** Update File: x', '*** Move to: y'], 2, "Update file hunk for path 'x' is empty"],
    [['*** Update File: x', '@@'], 4, 'Update hunk does not contain any lines'],
    [['*** Update File: x', '@@', '*** End of File'], 4, 'Update hunk does not contain any lines'],
    [['*** Update File: x', '@@', 'bad'], 4, `Unexpected line found in update hunk: 'bad'. ${EVERY_LINE}`],
    [['*** Update File: x', 'bad'], 4, `Unexpected line found in update hunk: 'bad'. ${EVERY_LINE}`],
    [
      ['*** Update File: x', '@@foo', '-1'],
      4,
      `Unexpected line found in update hunk: '@@foo'. ${EVERY_LINE}`,
    ],
    [
      ['*** Update File: x', '@@ a', '@@ b'],
      4,
      `Unexpected line found in update hunk: '@@ b'. ${EVERY_LINE}`,
    ],
    [
      ['*** Update File: x', '@@', '-1', 'bad'],
      5,
      "Expected update hunk to start with a @@ context marker, got: 'bad'",
    ],
    [['*** Update File: x', '-1', '***', '+2'], 4, `'***' is not a valid hunk header. ${HEADERS}`],
    [
      ['*** Update File: x', '-1', '*** End of File '],
      4,
      `'*** End of File' is not a valid hunk header. ${HEADERS}`,
    ],
  ])('hunks: %j', (lines, line, problem) => {
    expect(() => parsePatch(patchOf(...lines))).toThrow(
      new PatchError(`invalid hunk at line ${line}, ${problem}`),
    );
  });

  test('lines inside a heredoc are counted from its patch', () => {
    expect(() => parsePatch(`<<'EOF'\n${patchOf('*** Frob')}\nEOF`)).toThrow('invalid hunk at line 2, ');
  });
});
