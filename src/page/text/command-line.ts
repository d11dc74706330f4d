/** A command as a person would type it, for overviews; where it is judged, its words are shown one by one. */
export function commandLine(command: readonly string[]): string {
  return scriptOf(command) ?? command.map(quote).join(' ');
}

/** What a shell is given to run. */
export function scriptOf(command: readonly string[]): string | undefined {
  const [shell = '', flag = '', script] = command;
  const runsScript = command.length === 3 && /(^|\/)(ba|z|da)?sh$/.test(shell) && /^-l?c$/.test(flag);
  return runsScript ? script : undefined;
}

const quote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
