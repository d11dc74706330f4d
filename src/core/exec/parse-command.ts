import type { ParsedCommand } from '../../protocol/vocabulary/event-parts.ts';
import { parsedCommand, printsLineRange, summariseCommand } from './command-summary.ts';
import { joinWords, splitWords } from './shell-quote.ts';
import { readPlainScript } from './shell-words.ts';

type Words = readonly string[];

const CONNECTORS = new Set(['&&', '||', '|', ';']);
const PROMPT_ANSWERS = new Set(['yes', 'y', 'no', 'n']);
const FORMATTERS = new Set([
  'awk',
  'column',
  'cut',
  'printf',
  'sort',
  'tee',
  'tr',
  'uniq',
  'wc',
  'xargs',
  'yes',
]);

/**
 * A best-effort reading of an argv for display (protocol-v1, section 6). It never decides whether a command may run.
 * Empty when nothing but `true` or connectors is left.
 */
export function parseCommand(argv: readonly string[]): ParsedCommand[] {
  const script = argv[2];
  if (script !== undefined && argv.length === 3 && argv[0] === 'bash' && argv[1] === '-lc') {
    return parseScript(script);
  }
  return parseArgv(argv);
}

function parseScript(script: string): ParsedCommand[] {
  const all = readPlainScript(script)?.map((command) => command.map((word) => word.text)) ?? [];
  const telling = all.filter((words) => !isFormatter(words));
  if (telling.length === 0) return [{ type: 'unknown', cmd: script }];
  const needed = telling.length > 1 ? telling.filter((words) => !isTrue(words)) : telling;
  const entries = dropPreamble(needed).map(parseWords).filter(differsFromPrevious);
  const [only] = entries;
  if (!only || entries.length > 1 || only.type === 'unknown') return entries;
  return [{ ...only, cmd: textOfOnlyEntry(only, all.length, script) }];
}

/** A lone entry is shown by more of the script than its own words, so that a `sed -n` behind a pipe is not lost. */
function textOfOnlyEntry(entry: ParsedCommand, commandCount: number, script: string): string {
  const words = splitWords(script) ?? [script];
  if (commandCount === 1 && !words.some((word) => CONNECTORS.has(word))) return joinWords(words);
  const printsRange = words.some((word, index) => word === 'sed' && words[index + 1] === '-n');
  return entry.type === 'read' && printsRange && words.includes('|') ? script : entry.cmd;
}

function parseArgv(argv: readonly string[]): ParsedCommand[] {
  const words = unwrapArgv(argv);
  if (!words.some((word) => CONNECTORS.has(word))) return [parseWords(words)];
  return dropPreamble(splitAtConnectors(words)).map(parseWords).filter(differsFromPrevious);
}

function unwrapArgv(argv: readonly string[]): Words {
  if (PROMPT_ANSWERS.has(argv[0] ?? '') && argv[1] === '|') return argv.slice(2);
  const script = argv[2];
  if (argv.length !== 3 || script === undefined || argv[0] !== 'bash' || argv[1] !== '-c') return argv;
  return splitWords(script) ?? argv;
}

function splitAtConnectors(words: Words): Words[] {
  const commands: string[][] = [[]];
  for (const word of words) {
    if (CONNECTORS.has(word)) commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return commands.filter((command) => command.length > 0);
}

/** Takes away what only prepares or decorates the other commands, as long as another command stays. */
function dropPreamble(commands: readonly Words[]): Words[] {
  const last = commands.at(-1);
  const withoutCd = dropNoise(commands, (words) => words[0] === 'cd' && words !== last);
  return dropNoise(dropNoise(withoutCd, isTrue), numbersItsInput);
}

/** Drops from the left what is noise, and an `echo` that comes to stand first, down to one command. */
function dropNoise(commands: readonly Words[], isNoise: (words: Words) => boolean): Words[] {
  const kept: Words[] = [];
  let remaining = commands.length;
  for (const words of commands) {
    const leadingEcho = kept.length === 0 && words[0] === 'echo';
    if (remaining > 1 && (leadingEcho || isNoise(words))) remaining--;
    else kept.push(words);
  }
  return kept;
}

function parseWords(words: Words): ParsedCommand {
  return parsedCommand(summariseCommand(words), joinWords(words));
}

function isTrue(words: Words): boolean {
  return words.length === 1 && words[0] === 'true';
}

function numbersItsInput([program, ...args]: Words): boolean {
  return program === 'nl' && args.every((word) => word.startsWith('-'));
}

/** Commands that only shape the output of others. */
function isFormatter(words: Words): boolean {
  const [program = '', ...args] = words;
  if (program === 'head' || program === 'tail') return args.length < 2;
  if (program === 'sed') return !printsLineRange(args);
  return FORMATTERS.has(program);
}

function differsFromPrevious(
  entry: ParsedCommand,
  index: number,
  entries: readonly ParsedCommand[],
): boolean {
  return JSON.stringify(entry) !== JSON.stringify(entries[index - 1]);
}
