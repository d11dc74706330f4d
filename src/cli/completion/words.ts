import type { Command, Option } from 'commander';

export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  /** What the first argument can be, where that is known. */
  readonly choices: readonly string[];
}

export interface OptionWords {
  /** As `--port`. */
  readonly long: string;
  /** As `-c`. */
  readonly short: string | undefined;
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** What can be typed, read off the command tree. */
export function commandWords(program: Command): CommandWords[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    options: command.options.map(optionWords),
    choices: command.registeredArguments[0]?.argChoices ?? [],
  }));
}

function optionWords({ long, short, description, required, optional, argChoices = [] }: Option): OptionWords {
  return {
    long: long ?? '',
    short,
    description,
    takesValue: required || optional,
    choices: argChoices,
  };
}
