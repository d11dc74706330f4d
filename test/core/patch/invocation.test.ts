import { describe, expect, test } from 'vitest';
import { PatchError } from '../../../src/core/patch/errors.ts';
import { readPatchInvocation } from '../../../src/core/patch/invocation.ts';
import { patchOf } from './patch-text.ts';

const PATCH = patchOf('*** Add File: b', '+x');
const script = (text: string) => ['bash', '-lc', text];
const heredoc = (before = 'apply_patch ', quoted = "'EOF'", end = 'EOF\n', body = PATCH) =>
  `${before}<<${quoted}\n${body}\n${end}`;

describe('a command is a patch', () => {
  test.each([
    ['apply_patch with one argument', ['apply_patch', PATCH]],
    ['applypatch with one argument', ['applypatch', PATCH]],
    ['a heredoc', script(heredoc())],
    ['a heredoc for applypatch', script(heredoc('applypatch '))],
    ['a heredoc without quotes', script(heredoc('apply_patch ', 'EOF'))],
    ['a heredoc with double quotes', script(heredoc('apply_patch ', '"EOF"'))],
    ['a heredoc with an escaped delimiter', script(heredoc('apply_patch ', '\\EOF'))],
    ['another delimiter', script(heredoc('apply_patch ', "'PATCH'", 'PATCH\n'))],
    ['a delimiter of two words', script(heredoc('apply_patch ', "'E F'", 'E F\n'))],
    ['a heredoc that strips tabs', script(heredoc('apply_patch ', "-'EOF'"))],
    ['spaces around the delimiter', script(heredoc('apply_patch ', " 'EOF'   "))],
    ['no space before the heredoc', script(heredoc('apply_patch'))],
    ['blank lines around', script(`  \n${heredoc()}\n\n`)],
    ['no final newline', script(heredoc('apply_patch ', "'EOF'", 'EOF'))],
    ['an indented end', script(heredoc('apply_patch ', "'EOF'", ' EOF \n'))],
    ['CRLF line ends', script(heredoc().replaceAll('\n', '\r\n'))],
    ['variables set for it', script(heredoc("A=1 B='x y' apply_patch "))],
  ])('%s', (_what, command) => {
    expect(readPatchInvocation(command)).toEqual({ patch: PATCH, workdir: undefined });
  });

  test.each([
    ['cd sub && ', 'sub'],
    ['cd ./ && ', './'],
    ["cd 'a b' && ", 'a b'],
    ['cd "sub" && ', 'sub'],
    ["cd '' && ", ''],
    ['cd /abs &&\n', '/abs'],
    ['cd sub && \\\n', 'sub'],
    ['cd sub&&', 'sub'],
    ['cd . && A=1 ', '.'],
  ])('in the directory of %j', (before, workdir) => {
    expect(readPatchInvocation(script(heredoc(`${before}apply_patch `)))).toEqual({ patch: PATCH, workdir });
  });

  test('and its text is taken as it stands, whether or not the shell would expand it', () => {
    const body = patchOf('*** Add File: b', '+$HOME `x` \\$ EOF', '+EOF');
    const command = script(heredoc('apply_patch ', 'EOF', 'EOF\n', body));
    expect(readPatchInvocation(command)).toEqual({ patch: body, workdir: undefined });
  });

  test('even when its text is no patch: that is for the parser to say', () => {
    expect(readPatchInvocation(['apply_patch', 'hello'])).toEqual({ patch: 'hello', workdir: undefined });
    expect(readPatchInvocation(script("apply_patch <<'EOF'\nEOF\n"))).toMatchObject({ patch: '' });
  });
});

describe('a command is not a patch', () => {
  test.each([
    ['nothing', []],
    ['apply_patch without argument', ['apply_patch']],
    ['apply_patch with two arguments', ['apply_patch', PATCH, 'x']],
    ['apply_patch by its path', ['/usr/bin/apply_patch', PATCH]],
    ['bash -c', ['bash', '-c', heredoc()]],
    ['bash by its path', ['/bin/bash', '-lc', heredoc()]],
    ['another shell', ['zsh', '-lc', heredoc()]],
    ['separate options', ['bash', '-l', '-c', heredoc()]],
    ['an argument to the script', ['bash', '-lc', heredoc(), 'x']],
    ['a heredoc without end', script(`apply_patch <<'EOF'\n${PATCH}`)],
    ['a command after it', script(`${heredoc()}echo hi\n`)],
    ['a comment after it', script(`${heredoc()}# bye\n`)],
    ['a comment before it', script(`# hi\n${heredoc()}`)],
    ['two of them', script(heredoc() + heredoc())],
    ['a command before it', script(heredoc('echo hi && apply_patch '))],
    ['a command behind &&', script(heredoc('apply_patch ', "'EOF' && echo hi"))],
    ['a pipe', script(heredoc('apply_patch ', "'EOF' | cat"))],
    ['a redirection', script(heredoc('apply_patch ', "'EOF' > out.txt"))],
    ['an argument besides the heredoc', script(heredoc('apply_patch x '))],
    ['the patch as a quoted argument', script(`apply_patch '${PATCH}'`)],
    ['a here-string', script(`apply_patch <<< '${PATCH}'`)],
    ['a subshell', script(`(${heredoc()})`)],
    ['a quoted name', script(heredoc("'apply_patch' "))],
    ['cd and a semicolon', script(heredoc('cd sub; apply_patch '))],
    ['cd and a new line', script(heredoc('cd sub\napply_patch '))],
    ['cd and ||', script(heredoc('cd sub || apply_patch '))],
    ['cd twice', script(heredoc('cd sub && cd .. && apply_patch '))],
    ['cd to two places', script(heredoc('cd sub x && apply_patch '))],
    ['cd to nowhere', script(heredoc('cd && apply_patch '))],
    ['cd with an option', script(heredoc('cd -- sub && apply_patch '))],
    ['cd to a variable', script(heredoc('cd $HOME && apply_patch '))],
    ['cd to a quoted variable', script(heredoc('cd "$PWD/sub" && apply_patch '))],
    ['cd to ~', script(heredoc('cd ~ && apply_patch '))],
    ['cd to a pattern', script(heredoc('cd s* && apply_patch '))],
    ['cd to a word with a backslash', script(heredoc('cd su\\b && apply_patch '))],
    ['a substitution in an assignment', script(heredoc('A=$(ls) apply_patch '))],
    ['a bare patch for bash -c', ['bash', '-c', PATCH]],
    ['a bare patch with an argument', [PATCH, 'x']],
    ['something like a bare patch', ['*** Begin Patch\n*** Frob\n*** End Patch']],
    ['a script like a bare patch', script('*** Begin Patch\nfoo')],
  ])('%s', (_what, command) => {
    expect(readPatchInvocation(command)).toBeUndefined();
  });
});

test.each([
  ['as the program', [PATCH]],
  ['as the program, in a heredoc', [`<<'EOF'\n${PATCH}\nEOF`]],
  ['as the program, empty', [patchOf()]],
  ['as the program, with white space around', [`\n ${PATCH}\n`]],
  ['as the script', script(PATCH)],
])('a bare patch %s is refused', (_where, command) => {
  const message = 'patch detected without explicit call to apply_patch. Rerun as ["apply_patch", "<patch>"]';
  expect(() => readPatchInvocation(command)).toThrow(new PatchError(message));
});

test.each([
  ['spaces', `cd x ${' '.repeat(200_000)}x`],
  ['assignments', 'a=b '.repeat(100_000)],
  ['continued lines', `cd x && ${'\\\n'.repeat(100_000)}x`],
])('a long script of %s is read in no time', (_what, text) => {
  const start = performance.now();
  expect(readPatchInvocation(script(text))).toBeUndefined();
  expect(performance.now() - start).toBeLessThan(1_000);
});
