import { conversationsCommand } from './conversations-command.ts';
import type { CommandWords, OptionWords } from './words.ts';

/** For `~/.config/fish/completions/codexd.fish`. */
export function fishScript(commands: readonly CommandWords[]): string {
  return `${commands.flatMap(commandLines).join('\n')}\n`;
}

function commandLines(command: CommandWords): string[] {
  const { name, description, options, choices, takesConversation } = command;
  const inside = `complete -c codexd -n '__fish_seen_subcommand_from ${name}'`;
  return [
    `complete -c codexd -n __fish_use_subcommand -f -a ${name} -d ${quoted(description)}`,
    ...(choices.length > 0 ? [`${inside} -f -a ${quoted(choices.join(' '))}`] : []),
    // A tab between them makes fish show what was said first as the description.
    ...(takesConversation ? [`${inside} -f -k -a ${quoted(`(${conversationsCommand(name)})`)}`] : []),
    ...options.map((option) => `${inside} ${optionFlags(option)}`),
  ];
}

function optionFlags({ long, short, description, takesValue, choices }: OptionWords): string {
  const flags = [
    `-l ${long.slice(2)}`,
    ...(short ? [`-s ${short.slice(1)}`] : []),
    `-d ${quoted(description)}`,
  ];
  if (choices.length > 0) return [...flags, '-x', `-a ${quoted(choices.join(' '))}`].join(' ');
  return [...flags, ...(takesValue ? ['-r'] : [])].join(' ');
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
