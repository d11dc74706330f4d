import type { Command } from 'commander';
import { type OutputFlags, print } from '../output.ts';
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { type CommandWords, commandWords } from './words.ts';
import { zshScript } from './zsh.ts';

export type Shell = 'bash' | 'zsh' | 'fish';

const SCRIPTS: Readonly<Record<Shell, (commands: readonly CommandWords[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** `codexd completion SHELL`: a script for that shell on stdout. */
export function printCompletion(shell: Shell, program: Command, flags: OutputFlags): number {
  const script = SCRIPTS[shell](commandWords(program));
  print(flags, { shell, script }, script.trimEnd());
  return 0;
}
