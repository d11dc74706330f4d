import { conversationsKind } from './conversations-command.ts';
import type { CommandWords, OptionWords } from './words.ts';

/** For a file `_codexd` in a folder of `fpath`, or `source <(codexd completion zsh)`. */
export function zshScript(commands: readonly CommandWords[]): string {
  return `#compdef codexd
_codexd_conversations() {
  local -a ids texts
  local id text
  codexd __conversations $1 2> /dev/null | while IFS=$'\\t' read -r id text; do
    ids+=("$id")
    texts+=("$id  $text")
  done
  compadd -V conversations -l -d texts -a ids
}
_codexd() {
  local -a commands
  commands=(
${commands.map(({ name, description }) => `    ${quoted(`${name}:${description}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local name=$words[2]
  shift words
  (( CURRENT-- ))
  case $name in
${commands.map(optionCase).join('\n')}
  esac
}
if [ "$funcstack[1]" = _codexd ]; then _codexd "$@"; else compdef _codexd codexd; fi
`;
}

function optionCase({ name, options, choices, takesConversation }: CommandWords): string {
  const first = [
    ...(choices.length > 0 ? [quoted(`1:value:(${choices.join(' ')})`)] : []),
    ...(takesConversation
      ? [quoted(`1:conversation: _codexd_conversations ${conversationsKind(name)}`)]
      : []),
  ];
  const specs = [...first, ...options.map(optionSpec), quoted('*:file:_files')];
  return `    ${name}) _arguments ${specs.join(' ')} ;;`;
}

function optionSpec({ long, description, takesValue, choices }: OptionWords): string {
  const values = choices.length > 0 ? `:value:(${choices.join(' ')})` : takesValue ? ':value:' : '';
  return quoted(`${long}[${description.replace(/[[\]:]/g, '\\$&')}]${values}`);
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
