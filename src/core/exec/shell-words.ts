import { unescapeDoubleQuoted } from './shell-quote.ts';

/** One word of a shell script that needs no expansion, globs and `~` aside. */
export interface PlainWord {
  /** What stands between the quotes, backslashes kept: for display. */
  readonly text: string;
  /** The argument that bash passes if the word matches no file: for decisions. */
  readonly value: string;
  /** Bash puts the names of files in its place, as many as match. */
  readonly globs: boolean;
}

/** A program and its arguments. */
export type PlainCommand = readonly [PlainWord, ...PlainWord[]];

type Token =
  | { readonly kind: 'blank' }
  | { readonly kind: 'separator'; readonly separator: string }
  | { readonly kind: 'word'; readonly word: PlainWord; readonly quoted: boolean };

const BLANK = /(?:[ \t]|\\\n)+/y;
const SEPARATOR = /&&|\|\||[|;\n]/y;
const SINGLE_QUOTED = /'([^']*)'/y;
const DOUBLE_QUOTED = /"([^"\\$`]*(?:\\.[^"\\$`]*)*)"/sy;
const BARE = /(?:[^\s'"\\$`()<>&|;[\]{}]|\\[^\n])+|[[\]{}]/y;
const WORD_BOUNDARY = /[ \t\n;&|]|\\\n[ \t\n]|\\?\n?$/y;

const NOT_A_PROGRAM = new Set(
  '[ { ! if for while until case select function export declare typeset local readonly unset unsetenv'.split(
    ' ',
  ),
);
const NUMBER = /^-?\d+$/;
const ASSIGNMENT_LIKE = /^[\p{L}\p{N}_]+(?:[=#%@]|\+=)/u;

/**
 * Reads a bash script that is nothing but simple commands of plain words, joined by `&&`, `||`, `|`, `;` or newlines.
 * @returns `undefined` for everything else: expansions, redirections, subshells, assignments, keywords, comments,
 *   background jobs, words glued together from several quotings, and what bash would refuse.
 */
export function readPlainScript(script: string): PlainCommand[] | undefined {
  const commands: PlainCommand[] = [];
  let words: PlainWord[] = [];
  let separator = '';
  const endCommand = (): boolean => {
    const [program, ...rest] = words;
    if (program) commands.push([program, ...rest]);
    words = [];
    return program !== undefined;
  };
  for (const token of tokens(script)) {
    if (!token) return undefined;
    if (token.kind === 'word') {
      if (!(words.length === 0 ? mayBeProgram(token) : mayBeArgument(token))) return undefined;
      words.push(token.word);
    } else if (token.kind === 'separator') {
      const ended = endCommand();
      if (!ended && token.separator !== '\n') return undefined;
      if (ended) separator = token.separator;
    }
  }
  return endCommand() || separator === ';' || separator === '\n' ? commands : undefined;
}

type WordToken = Extract<Token, { kind: 'word' }>;

/** Bash takes a quoted word as a program too; the reference's reading does not (observed). */
function mayBeProgram({ word: { text }, quoted }: WordToken): boolean {
  return !quoted && !NOT_A_PROGRAM.has(text) && !NUMBER.test(text) && !ASSIGNMENT_LIKE.test(text);
}

function mayBeArgument({ word: { text }, quoted }: WordToken): boolean {
  return quoted || (text !== '==' && text !== '=~');
}

/** Ends with `undefined` at the first place that is not plain. */
function* tokens(script: string): Generator<Token | undefined, void> {
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(script) ?? undefined;
  };
  while (at < script.length) {
    const found = readToken(match);
    if (found) at += found.length;
    if (!found || (found.token.kind === 'word' && !match(WORD_BOUNDARY))) {
      yield undefined;
      return;
    }
    yield found.token;
  }
}

type Matcher = (pattern: RegExp) => RegExpExecArray | undefined;

function readToken(match: Matcher): { token: Token; length: number } | undefined {
  const blank = match(BLANK);
  if (blank) return { token: { kind: 'blank' }, length: blank[0].length };
  const separator = match(SEPARATOR);
  if (separator) {
    return { token: { kind: 'separator', separator: separator[0] }, length: separator[0].length };
  }
  return readWord(match);
}

function readWord(match: Matcher): { token: Token; length: number } | undefined {
  const single = match(SINGLE_QUOTED);
  if (single) return wordToken(single[0], true, single[1] ?? '', single[1] ?? '');
  const double = match(DOUBLE_QUOTED);
  if (double) {
    const content = double[1] ?? '';
    const text = onlyLine(content);
    return text === undefined ? undefined : wordToken(double[0], true, text, unescapeDoubleQuoted(content));
  }
  const bare = match(BARE)?.[0];
  if (bare === undefined || bare.startsWith('#')) return undefined;
  return wordToken(bare, false, bare, bare.replace(/\\(.)/g, '$1'));
}

function hasGlob(bare: string): boolean {
  return /[*?]/.test(bare.replace(/\\./g, ''));
}

function wordToken(source: string, quoted: boolean, text: string, value: string) {
  const globs = !quoted && hasGlob(source);
  return { token: { kind: 'word', quoted, word: { text, value, globs } } as const, length: source.length };
}

/** The reference shows a double-quoted word by its one line that is not blank, and none with more lines (observed). */
function onlyLine(content: string): string | undefined {
  const lines = (content.match(/(?:[^\\\n]|\\.)+/gs) ?? []).filter((line) => !/^(?:\s|\\\s)*$/.test(line));
  return lines.length === 1 ? lines[0] : undefined;
}
