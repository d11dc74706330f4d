import type { Command } from 'commander';
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
export function printCompletion(shell: Shell, program: Command): number {
  process.stdout.write(SCRIPTS[shell](commandWords(program)));
  return 0;
}
