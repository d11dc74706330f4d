import fc from 'fast-check';

const words = (text: string) => text.trim().split(/\s+/);

const FILES = words('a.txt src src/b.ts . missing -');
/** Programs (and subcommands) that can be safe, with words that fit them and harm nothing. */
const READING: readonly (readonly [string, readonly string[]])[] = [
  ['cat', words('-n -A -- *.txt')],
  ['echo', words('-n -e hi * x;y a&b $HOME >out')],
  ['false', words('x')],
  ['grep', words('-rn -i -E -c --color=always a b|c src/*')],
  ['head', words('-n1 -c5 -q')],
  ['ls', words('-la -R -1 --color * ?.txt ~')],
  ['nl', words('-ba')],
  ['pwd', words('-P')],
  ['tail', words('-n2 -c+3')],
  ['true', words('x')],
  ['wc', words('-l -c *.txt')],
  ['which', words('-a ls git')],
  ['find', words('-name *.ts -type f ! -maxdepth 1 -print0 -printf %p\\n -ls -newer')],
  ['rg', words('a -n -i --files -l -g *.txt -t ts -A 3 --hidden --json -ez --no-config')],
  ['git status', words('-s --porcelain --ignored -v --show-stash -uall')],
  ['git diff', words('--stat HEAD --cached -p --text --name-only -- --check --word-diff')],
  ['git log', words('--oneline -p --graph -n2 --all --format=%h --stat -g -Sx --follow')],
  ['git show', words('HEAD --stat HEAD:a.txt topic v1 --format=%an')],
  ['git branch', words('-a -r -v -vv --list -l --contains --merged --no-merged HEAD --sort=refname')],
];

/** The same programs' words that write or start something, most of them into a file named loot. */
const WRITING: Readonly<Record<string, readonly string[]>> = {
  find: words('-delete -fprint -fprint0 -fprintf -fls -exec -execdir -ok -okdir touch loot {} ; +'),
  rg: words(
    '*/touch-loot --pre=./touch-loot --pre ./touch-loot -z -nz --search-zip --hostname-bin=./touch-loot',
  ),
  'git diff': words('--output=loot --output --outp=loot --ext-diff --textconv loot'),
  'git log': words('--output=loot --output --show-signature --format=%G? --remerge-diff loot'),
  'git show': words('--output=loot --output --ext-diff --textconv --show-signature loot'),
  'git branch': words(
    'new -D -d -m -M -c -C -f -t topic --format --sort --no-list --color --abbrev --set-upstream-to=main --unset-upstream --create-reflog --edit-description --li',
  ),
};

const WRITERS = words('rm touch tee cp mv mkdir ln chmod node python3 sh env sudo xargs kill sort sponge');

const argumentsFrom = (vocabulary: readonly string[]): fc.Arbitrary<string[]> =>
  fc.array(fc.constantFrom(...vocabulary, ...FILES), { maxLength: 4 });

const argv = (program: string, vocabulary: readonly string[]): fc.Arbitrary<string[]> =>
  argumentsFrom(vocabulary).map((args) => [...program.split(' '), ...args]);

const sedRange = fc.constantFrom('1p', '1,3p', '2,1p');
const sed = (scripts: fc.Arbitrary<string>, files: readonly string[]): fc.Arbitrary<string[]> =>
  fc.tuple(fc.constant('sed'), fc.constant('-n'), scripts, fc.constantFrom(...files));

/** Commands that harm nothing. */
export const readingCommand = fc.oneof(
  ...READING.map(([program, vocabulary]) => argv(program, vocabulary)),
  sed(sedRange, ['a.txt', 'missing']),
);

/** Commands that may harm, by an option or by an operand. */
export const doubtfulCommand = fc.oneof(
  ...READING.map(([program, vocabulary]) => argv(program, [...vocabulary, ...(WRITING[program] ?? [])])),
  sed(fc.oneof(sedRange, fc.constantFrom('w loot', '1wloot', '1e')), ['a.txt', '*.txt', '-i', '-ewloot']),
);

/** Single options each of which makes the command write or start a program, wherever it stands. */
const HARMFUL_OPTIONS: readonly (readonly [string, readonly string[]])[] = [
  ['find', words('-delete -fprint -fprint0 -fprintf -fls -exec -execdir -ok -okdir')],
  ['rg', words('--pre=x --pre -z -nz -iz --search-zip --hostname-bin=x --hostname-bin')],
  ['git diff', words('--output=x --output --outp=x --ext-diff --textconv')],
  ['git log', words('--output=x --output --out=x --show-signature --format=%G? --remerge-diff --ext-diff')],
  ['git show', words('--output=x --output --ext-diff --textc --show-signature --pretty=%GK')],
  ['git branch', words('-D -d -m -M -c -C -f -u --delete --move --copy --force --unset-upstream --no-list')],
  ['cargo check', words('--config --config=x --target-dir --target-dir=x')],
];

/** What takes the next word as its operand could swallow the option. */
const TAKES_OPERAND = /^--(?:contains|merged|no-merged)$/;

const harmfulOption = fc.constantFrom(...HARMFUL_OPTIONS).chain(([program, options]) => {
  const vocabulary = READING.find(([name]) => name === program)?.[1] ?? [];
  const args = argumentsFrom(vocabulary.filter((word) => !TAKES_OPERAND.test(word)));
  return fc
    .tuple(args, fc.constantFrom(...options), fc.nat())
    .map(([rest, option, at]) => [
      ...program.split(' '),
      ...rest.toSpliced(at % (rest.length + 1), 0, option),
    ]);
});

const harmfulProgram = fc
  .tuple(fc.constantFrom(...WRITERS), fc.array(fc.constantFrom(...FILES), { maxLength: 3 }))
  .map(([program, args]) => [program, ...args]);

const newBranch = fc
  .tuple(
    fc.constantFrom('new', 'feature/x'),
    fc.array(fc.constantFrom('-v', '-q', '--color', '--sort=refname')),
  )
  .map(([name, flags]) => ['git', 'branch', ...flags, name]);

/** Commands that write or start a program for certain. */
export const harmfulCommand = fc.oneof(harmfulOption, harmfulProgram, newBranch);

/** Words that bash reads as they are; a wildcard stays a wildcard. */
const BARE = /^[\w./,:@%+*?~=-]+$/;

const quotings: readonly ((word: string) => string)[] = [
  (word) => `'${word}'`,
  (word) => `"${word.replace(/["\\$`]/g, '\\$&')}"`,
  (word) => word.replace(/[^\w]/g, '\\$&') || "''",
  (word) => (BARE.test(word) ? word : `'${word}'`),
];

const quoted = (word: string): fc.Arbitrary<string> =>
  fc.constantFrom(...quotings).map((quote) => quote(word));

/** A command as bash reads it; the program stands bare. */
export const asScript = ([program = '', ...args]: readonly string[]): fc.Arbitrary<string> =>
  fc.tuple(...args.map(quoted)).map((parts) => [program, ...parts].join(' '));

const connector = fc.constantFrom(' && ', ' || ', ' | ', '; ', '\n', '&&', '|', ';', ' &&\n');

/** Some commands in a row, `parts` in a random order. */
export const joined = (...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.tuple(...parts), fc.infiniteStream(connector), fc.nat())
    .map(([commands, connectors, turn]) =>
      rotate(commands, turn).reduce((all, next) => all + connectors.next().value + next),
    );

function rotate<T>(items: readonly T[], by: number): T[] {
  const at = by % items.length;
  return [...items.slice(at), ...items.slice(0, at)];
}

/** What turns any command into one that writes, or that runs something unseen. */
const POISONS: readonly ((script: string) => string)[] = [
  ...['> loot', '>> loot', '2> loot', '&> loot', '>| loot', '<> loot', '&', '& touch loot'].map(
    (suffix) => (script: string) => `${script} ${suffix}`,
  ),
  ...['$(touch loot)', '`touch loot`', '"$(touch loot)"', '"`touch loot`"', '<(touch loot)', '>(cat)'].map(
    (argument) => (script: string) => `${script} ${argument}`,
  ),
  ...['A=1 ', 'PATH=. ', 'GIT_EXTERNAL_DIFF=./x ', 'env ', 'exec ', 'eval ', '! ', './', '/tmp/'].map(
    (prefix) => (script: string) => `${prefix}${script}`,
  ),
  (script) => `(${script})`,
  (script) => `{ ${script}; }`,
  (script) => `f() { ${script}; }`,
  (script) => `$(${script})`,
];

export const poisoned = (script: string): fc.Arbitrary<string> =>
  fc.constantFrom(...POISONS).map((poison) => poison(script));
