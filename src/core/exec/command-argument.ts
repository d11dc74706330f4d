/** An argument of a command whose safety is in question. */
export interface Argument {
  readonly value: string;
  /** A shell puts the names of files in its place; their makers choose them. */
  readonly globs: boolean;
}

/** Whether `value` is among `words`, or a file could be named so that it becomes one of them. */
export function mayBeOneOf(words: readonly string[], { value, globs }: Argument): boolean {
  if (!globs) return words.includes(value);
  const pattern = globPattern(value);
  return words.some((word) => pattern.test(word));
}

/** Quoted and bare wildcards look alike in a value: both count as wild. */
function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\/-]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's');
}

/** Whether a file could be named so that one of the arguments turns into an option. */
export function someMayBecomeOption(args: readonly Argument[]): boolean {
  return args
    .slice(0, endOfOptions(args))
    .some((argument) => argument.globs && /^[-*?]/.test(argument.value));
}

/** The place of a `--` that cannot be the value of an option before it, else the end. */
function endOfOptions(args: readonly Argument[]): number {
  const end = args.findIndex(({ value }, index) => value === '--' && !mayTakeValue(args[index - 1]));
  return end === -1 ? args.length : end;
}

function mayTakeValue(argument: Argument | undefined): boolean {
  return argument !== undefined && (argument.globs || argument.value.startsWith('-'));
}
