/** A command as a person would type it, for display only. */
export function displayCommand(command: readonly string[]): string {
  const [shell = '', flag, script] = command;
  if (command.length === 3 && /(^|\/)(ba|z|da)?sh$/.test(shell) && /^-l?c$/.test(flag ?? ''))
    return script ?? '';
  return command
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
