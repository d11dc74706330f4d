export interface Difference {
  readonly command: readonly string[];
  readonly because: string;
}

const refusing = (because: string, ...commands: string[]): Difference[] =>
  commands.map((line) => ({ command: line.split(' '), because }));
const refusingScripts = (because: string, ...scripts: string[]): Difference[] =>
  scripts.map((script) => ({ command: ['bash', '-lc', script], because }));

/** Every kind of command that the reference runs unasked and codexd does not. */
export const DIFFERENCES: readonly Difference[] = [
  ...refusing(
    'deletes, renames or copies a branch',
    'git branch -D x',
    'git branch -m a b',
    'git branch -C a b',
  ),
  ...refusing('makes a branch', 'git branch x', 'git branch -v x', 'git branch -f x', 'git branch -t a b'),
  ...refusing('takes the listing back and makes a branch', 'git branch --list --no-list x'),
  ...refusing('takes --list for an operand and makes a branch', 'git branch --format --list x'),
  ...refusing(
    'writes the settings of a branch',
    'git branch --set-upstream-to=a',
    'git branch --unset-upstream',
  ),
  ...refusing('starts an editor', 'git branch --edit-description'),
  ...refusing(
    'could be an option that writes, in this or another version',
    'git branch --lis x',
    'git branch -X',
  ),
  ...refusing('writes a file', 'git diff --output=x', 'git log --output x', 'git show --outp=x'),
  ...refusing(
    'starts the diff program of the settings',
    'git log --ext-diff',
    'git diff --ext',
    'git show --textconv',
  ),
  ...refusing('starts gpg, which makes its folder', 'git log --show-signature', 'git log --format=%h:%G?'),
  ...refusing(
    'starts gpg, which makes its folder',
    'git branch --format=%(signature)',
    'git branch --sort signature',
  ),
  ...refusing('merges anew, in temporary objects', 'git log --remerge-diff', 'git show --diff-merges=r'),
  ...refusing('names programs to start', 'cargo check --config build.rustc="x"', 'cargo check --config=x'),
  ...refusing('writes outside of the project', 'cargo check --target-dir /x', 'cargo check --target-dir=/x'),
  ...refusing('starts decompression programs', 'rg -nz x', 'rg -zn x', 'rg --search-zip=x y'),
  ...refusing(
    'can bring another script, which writes',
    'sed -n 1p -e1w',
    'sed -n 1p -i',
    'sed -n 1p --in-place',
  ),
  ...refusingScripts('a file can be named --pre=x', 'rg *', 'rg foo ?*', 'rg -*', 'rg -e -- *'),
  ...refusingScripts('a file can be named --output=x', 'git diff *', 'git log *.ts', 'git branch --list *'),
  ...refusingScripts('a file can be named -delete', 'find *', 'find ?d*', 'find . -name -del*'),
  ...refusingScripts('a file can be named -i.txt', 'sed -n 1p *.txt'),
  ...refusingScripts('a file can be named --config=x', 'cargo check *'),
  ...refusingScripts('a glob without a match may be left out', 'git branch --format x* --list y'),
  ...refusingScripts('bash takes the backslash away', 'find . \\-delete', 'rg \\--pre x', 'sed -n 1p \\-i'),
  ...refusingScripts('bash takes the backslash away', 'rg "--pr\\\ne" x', 'git diff --out\\put=x'),
  ...refusingScripts('bash runs both programs', 'ls\n\n\\rm x', 'ls\n\\touch x'),
  ...refusingScripts('bash runs the program "lspwd"', 'ls\\\npwd'),
  ...refusingScripts('bash runs a program of a name with a control character', 'ls\r\npwd', 'ls\fx', 'ls\vx'),
  ...refusingScripts('not one of bash’s blanks, and left to the user', 'echo \u00a0'),
];
