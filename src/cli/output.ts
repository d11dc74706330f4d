/** stdout is data, stderr is talk. */

export interface OutputFlags {
  readonly json?: boolean;
}

/** Prints the value as one line of JSON with `--json`, else the text. */
export function print(flags: OutputFlags, value: object, text: string): void {
  process.stdout.write(`${flags.json ? JSON.stringify(value) : text}\n`);
}

export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}
