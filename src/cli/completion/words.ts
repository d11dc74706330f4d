import type { Argument, Command, Option } from 'commander';

export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  /** What the first argument can be, where that is known. */
  readonly choices: readonly string[];
  /** Whether the first argument is the id of a conversation. */
  readonly takesConversation: boolean;
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
  return visible(program).map((command) => {
    const parts = visible(command);
    const [first] = command.registeredArguments;
    return {
      name: command.name(),
      description: command.description(),
      options: distinct([command, ...parts].flatMap(({ options }) => options.map(optionWords))),
      choices: [...parts.map((part) => part.name()), ...(first?.argChoices ?? [])],
      takesConversation: first !== undefined && isConversation(first),
    };
  });
}

/** Helpers of the completion itself begin with two underscores. */
const visible = ({ commands }: Command): Command[] =>
  commands.filter((command) => !command.name().startsWith('__'));

const isConversation = (argument: Argument): boolean => argument.name() === 'id';

/** Parts of one command have options in common. */
const distinct = (options: readonly OptionWords[]): OptionWords[] => [
  ...new Map(options.map((option) => [option.long, option])).values(),
];

function optionWords({ long, short, description, required, optional, argChoices = [] }: Option): OptionWords {
  return {
    long: long ?? '',
    short,
    description,
    takesValue: required || optional,
    choices: argChoices,
  };
}
