/** stdout is data, stderr is talk. */

export interface OutputFlags {
  readonly json?: boolean;
}

/** Prints the value as one line of JSON with `--json`, else the text. */
export function print(flags: OutputFlags, value: object, text: string): void {
  if (flags.json) printJson(value);
  else process.stdout.write(`${text}\n`);
}

export function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
