import { conversationsCommand } from './conversations-command.ts';
import type { CommandWords } from './words.ts';

/** For `source <(codexd completion bash)`. */
export function bashScript(commands: readonly CommandWords[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `_codexd() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${names} --help --version"
  else
    case "\${COMP_WORDS[1]} $previous" in
${commands.flatMap(valueCases).join('\n')}
    *)
      case "\${COMP_WORDS[1]}" in
${commands.map(optionCase).join('\n')}
      esac
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _codexd codexd
`;
}

function valueCases({ name, options }: CommandWords): string[] {
  return options
    .filter(({ choices }) => choices.length > 0)
    .map(({ long, short, choices }) => {
      const patterns = [long, short].filter(Boolean).map((flag) => `"${name} ${flag}"`);
      return `    ${patterns.join('|')}) words="${choices.join(' ')}" ;;`;
    });
}

function optionCase({ name, options, choices, takesConversation }: CommandWords): string {
  const words = [...choices, ...options.map(({ long }) => long), '--help'].join(' ');
  if (!takesConversation) return `      ${name}) words="${words}" ;;`;
  const ids = `$(${conversationsCommand(name)} | cut -f 1)`;
  return `      ${name})
        words="${words}"
        if [[ $COMP_CWORD -eq 2 && $current != -* ]]; then words="${ids}"; fi ;;`;
}
