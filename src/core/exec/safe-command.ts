import { type Argument, mayBeOneOf, someMayBecomeOption } from './command-argument.ts';
import { isSafeGit } from './safe-git.ts';
import { readPlainScript } from './shell-words.ts';

type Judge = (args: readonly Argument[]) => boolean;

/** None of these can write a file or start a program, whatever its arguments are. */
const HARMLESS = 'cat cd echo false grep head ls nl pwd tail true wc which'.split(' ');

const JUDGES: ReadonlyMap<string, Judge> = new Map<string, Judge>([
  ...HARMLESS.map((program): [string, Judge] => [program, () => true]),
  ['cargo', isSafeCargo],
  ['find', isSafeFind],
  ['git', isSafeGit],
  ['rg', isSafeRipgrep],
  ['sed', isSafeSed],
]);

/**
 * Whether a command is known to only read, so that it runs without a sandbox and without asking.
 * Follows the reference (protocol-v1, section 7) except that it refuses what can write or start programs after all.
 */
export function isKnownSafe(command: readonly string[]): boolean {
  return isSafeProgram(command.map((value) => ({ value, globs: false }))) || isSafeScript(command);
}

function isSafeProgram([program, ...args]: readonly Argument[]): boolean {
  return program !== undefined && (JUDGES.get(program.value)?.(args) ?? false);
}

/** Bash runs the values; the texts, which the reference goes by, must be safe too. */
function isSafeScript([shell, flags, script, ...rest]: readonly string[]): boolean {
  if (shell !== 'bash' || flags !== '-lc' || script === undefined || rest.length > 0) return false;
  const commands = readPlainScript(script);
  return (
    commands?.every((words) => {
      const texts = words.map(({ text, globs }) => ({ value: text, globs }));
      return isSafeProgram(texts) && isSafeProgram(words);
    }) ?? false
  );
}

const CARGO_WRITES_ELSEWHERE = /^--(?:config|target-dir)(?:=|$)/;

/** A check runs the project's own build scripts, which is taken as agreed; settings could name any program. */
function isSafeCargo([subcommand, ...args]: readonly Argument[]): boolean {
  return (
    subcommand?.value === 'check' &&
    !someMayBecomeOption(args) &&
    !args.some(({ value }) => CARGO_WRITES_ELSEWHERE.test(value))
  );
}

const FIND_ACTIONS = '-exec -execdir -ok -okdir -delete -fls -fprint -fprint0 -fprintf'.split(' ');

function isSafeFind(args: readonly Argument[]): boolean {
  return !args.some((argument) => mayBeOneOf(FIND_ACTIONS, argument));
}

const RIPGREP_STARTS_PROGRAM = /^--(?:pre|hostname-bin|search-zip)(?:=|$)/;
/** `-z` among other letters, before any whose value is the rest of the word. */
const RIPGREP_SEARCH_ZIP = /^-(?!-)[^ABCEMTdefgjmrt]*z/;

function isSafeRipgrep(args: readonly Argument[]): boolean {
  return (
    !someMayBecomeOption(args) &&
    !args.some(({ value }) => RIPGREP_STARTS_PROGRAM.test(value) || RIPGREP_SEARCH_ZIP.test(value))
  );
}

const SED_PRINT_LINES = /^\d+(?:,\d+)?p$/;

/** Only `sed -n N[,M]p FILE`; an option in the place of the file could bring another script. */
function isSafeSed(args: readonly Argument[]): boolean {
  const [quiet, script, file] = args;
  if (args.length !== 3 || quiet?.value !== '-n' || !script || !file) return false;
  return SED_PRINT_LINES.test(script.value) && isFileName(file);
}

function isFileName(argument: Argument): boolean {
  const { value } = argument;
  return value !== '' && (value === '-' || !value.startsWith('-')) && !someMayBecomeOption([argument]);
}
