import { expect, test } from 'vitest';
import { readPlainScript } from '../../../src/core/exec/shell-words.ts';

const textsOf = (script: string) =>
  readPlainScript(script)?.map((command) => command.map((word) => word.text));
const valuesOf = (script: string) =>
  readPlainScript(script)?.map((command) => command.map((word) => word.value));

test.each([
  ['ls', [['ls']]],
  ['  ls   -la\tsrc ', [['ls', '-la', 'src']]],
  ['a && b || c | d ; e', [['a'], ['b'], ['c'], ['d'], ['e']]],
  ['a&&b||c|d;e', [['a'], ['b'], ['c'], ['d'], ['e']]],
  ['a;', [['a']]],
  ['\n\na\n\nb\n', [['a'], ['b']]],
  ['a &&\n\n b |\nc', [['a'], ['b'], ['c']]],
  ['a \\\n  b', [['a', 'b']]],
  [`echo 'x  $y' "a 'b"`, [['echo', 'x  $y', "a 'b"]]],
  ["cat ''", [['cat', '']]],
  ['ls *.ts src/**/?.js ~/x a=b a#b !x', [['ls', '*.ts', 'src/**/?.js', '~/x', 'a=b', 'a#b', '!x']]],
  ['find . -name { } [ ] !', [['find', '.', '-name', '{', '}', '[', ']', '!']]],
  ['git commit -m "one\n"', [['git', 'commit', '-m', 'one']]],
  ['echo 5 if', [['echo', '5', 'if']]],
])('%j is plain', (script, commands) => {
  expect(textsOf(script)).toEqual(commands);
});

test.each([
  '',
  ' \n ',
  'echo $x',
  'echo "$x"',
  'echo "a$"',
  'echo `x`',
  'echo "`x`"',
  'echo $(x)',
  'ls > x',
  'ls 2>&1',
  'cat < x',
  'cat <<EOF\nEOF',
  '(ls)',
  '{ ls; }',
  'ls &',
  'a & b',
  'a |& b',
  'A=1',
  'A=1 ls',
  'a[0]=1',
  'a+=1',
  'if x',
  'export A',
  '[ -f x ]',
  '[[ x ]]',
  '! ls',
  '# x',
  'ls # x',
  'ls {a,b}',
  'ls [ab]',
  "a'b'",
  `"a"'b'`,
  "--x='y'",
  'cat ""',
  'echo "one\ntwo"',
  `'ls'`,
  '"ls" x',
  '5',
  'x == y',
  "echo 'x",
  'echo "x',
  'echo x\\',
  '&& a',
  'a &&',
  'a |',
  'a ;; b',
  'a | | b',
  '; a',
  'a\n;',
  'a\n&& b',
  'a\\\nb',
  'a\rb',
])('%j is not plain', (script) => {
  expect(readPlainScript(script)).toBeUndefined();
});

test('a word shows its backslashes, its value has what bash passes', () => {
  const script = String.raw`find \-delete a\ b "\$x\q" '\-x'`;
  expect(textsOf(script)).toEqual([
    ['find', String.raw`\-delete`, String.raw`a\ b`, String.raw`\$x\q`, String.raw`\-x`],
  ]);
  expect(valuesOf(script)).toEqual([['find', '-delete', 'a b', String.raw`$x\q`, String.raw`\-x`]]);
});

test('the value of a word over several lines is complete', () => {
  expect(valuesOf('echo "\n-x\n"')).toEqual([['echo', '\n-x\n']]);
});
