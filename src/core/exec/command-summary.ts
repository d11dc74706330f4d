import type { ParsedCommand } from '../../protocol/vocabulary/event-parts.ts';

/** What a command does, without the text it is shown by. */
export type CommandSummary =
  | { readonly type: 'read'; readonly name: string }
  | { readonly type: 'list_files'; readonly path: string | null }
  | { readonly type: 'search'; readonly query: string | null; readonly path: string | null }
  | { readonly type: 'unknown' };

type Summarise = (args: readonly string[]) => CommandSummary;

const UNKNOWN: CommandSummary = { type: 'unknown' };
const LS_VALUE_FLAGS = ['-I', '-w', '--block-size', '--color', '--format', '--quoting-style', '--time-style'];
const NL_VALUE_FLAGS = ['-b', '-i', '-s', '-v', '-w'];
const FD_VALUE_FLAGS = ['-e', '-E', '-t', '--exclude', '--extension', '--search-path', '--type'];
const FIND_PATTERNS = ['-name', '-iname', '-path', '-regex'];
const FOLDERS_WITHOUT_MEANING = new Set(['build', 'dist', 'node_modules', 'src']);

const PROGRAMS: ReadonlyMap<string, Summarise> = new Map<string, Summarise>([
  ['cat', summariseCat],
  ['fd', summariseFd],
  ['find', summariseFind],
  ['grep', summariseGrep],
  ['head', (args) => summariseLineCount(args, /^\d+$/)],
  ['ls', (args) => ({ type: 'list_files', path: displayPath(operands(args, LS_VALUE_FLAGS)[0]) })],
  ['nl', (args) => summariseRead(operands(args, NL_VALUE_FLAGS)[0])],
  ['rg', summariseRg],
  ['sed', summariseSed],
  ['tail', (args) => summariseLineCount(args, /^\+?\d+$/)],
]);

/**
 * Says whether one simple command reads a file, lists files or searches, as far as its argv tells (protocol-v1,
 * section 6; which flags carry a value is as observed, not as the programs document it).
 */
export function summariseCommand([program, ...args]: readonly string[]): CommandSummary {
  return (program === undefined ? undefined : PROGRAMS.get(program)?.(args)) ?? UNKNOWN;
}

export function parsedCommand(summary: CommandSummary, cmd: string): ParsedCommand {
  return { ...summary, cmd };
}

/** Whether a `sed -n` script prints one line or one range, such as `5p` or `1,200p`. */
export function printsLineRange(args: readonly string[]): boolean {
  return args.length >= 3 && args[0] === '-n' && /^\d+(?:,\d+)?p$/.test(args[1] ?? '');
}

function summariseCat(args: readonly string[]): CommandSummary {
  const files = args[0] === '--' ? args.slice(1) : args;
  return files.length === 1 && files[0] !== '--' ? summariseRead(files[0]) : UNKNOWN;
}

function summariseFd(args: readonly string[]): CommandSummary {
  const [first, second] = operands(args, FD_VALUE_FLAGS);
  const alone = first !== undefined && second === undefined;
  if (alone && (/[/\\]/.test(first) || first === '.' || first === '..')) return search(undefined, first);
  return search(first, second);
}

function summariseFind(args: readonly string[]): CommandSummary {
  const path = operands(args).find((word) => word !== '!' && word !== '(' && word !== ')');
  const pattern = args.findIndex((word) => FIND_PATTERNS.includes(word));
  return search(pattern < 0 ? undefined : args[pattern + 1], path);
}

function summariseGrep(args: readonly string[]): CommandSummary {
  const [query, path] = operands(args);
  return search(query, path);
}

function summariseRg(args: readonly string[]): CommandSummary {
  const [first, second] = operands(args);
  return args.includes('--files') ? search(undefined, first) : search(first, second);
}

function summariseLineCount([flag = '', ...rest]: readonly string[], count: RegExp): CommandSummary {
  const separate = flag === '-n';
  if (!flag.startsWith('-n') || !count.test(separate ? (rest[0] ?? '') : flag.slice(2))) return UNKNOWN;
  return summariseRead(operands(separate ? rest.slice(1) : rest)[0]);
}

function summariseSed(args: readonly string[]): CommandSummary {
  return printsLineRange(args) ? summariseRead(args[2]) : UNKNOWN;
}

function summariseRead(file: string | undefined): CommandSummary {
  const name = displayPath(file);
  return name === null ? UNKNOWN : { type: 'read', name };
}

function search(query: string | undefined, path: string | undefined): CommandSummary {
  return { type: 'search', query: query ?? null, path: displayPath(path) };
}

/** The words that are neither flags nor values of flags; after `--` a flag has no value any more. */
function operands(args: readonly string[], valueFlags: readonly string[] = []): string[] {
  const found: string[] = [];
  let flagsEnded = false;
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? '';
    flagsEnded ||= word === '--';
    if (!flagsEnded && valueFlags.includes(word)) index++;
    else if (!word.startsWith('-')) found.push(word);
  }
  return found;
}

/** The last segment of a path that says more than where sources or builds usually are. */
function displayPath(path: string | undefined): string | null {
  if (path === undefined) return null;
  const trimmed = path.replaceAll('\\', '/').replace(/\/+$/, '');
  const telling = trimmed
    .split('/')
    .filter((segment) => segment !== '' && !FOLDERS_WITHOUT_MEANING.has(segment));
  return telling.at(-1) ?? trimmed;
}
