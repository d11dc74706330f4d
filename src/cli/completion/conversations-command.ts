/** Which conversations a command can be given. */
export function conversationsKind(command: string): 'stored' | 'archived' {
  return command === 'unarchive' ? 'archived' : 'stored';
}

/** The shell command that lists them: an id, a tab and what was said first, each on a line. */
export function conversationsCommand(command: string): string {
  return `codexd __conversations ${conversationsKind(command)} 2> /dev/null`;
}
