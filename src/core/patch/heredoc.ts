/** A script that only feeds a heredoc to `apply_patch`. */
export interface HeredocCommand {
  readonly body: string;
  readonly workdir: string | undefined;
}

/** A word that the shell would take literally; what expands, globs or starts an option is left to the shell. */
const LITERAL = String.raw`(?:'[^']*'|"[^"$\`\\]*"|[^\s'"$\`\\&|;<>()*?[\]{}~#-][^\s'"$\`\\&|;<>()*?[\]{}]*)`;
const CHANGE_DIRECTORY = String.raw`(?:cd[ \t]+(?<workdir>${LITERAL})\s*&&(?:\s|\\\n)*)?`;
const ASSIGNMENTS = String.raw`(?:[A-Za-z_]\w*=${LITERAL}[ \t]+)*`;
const DELIMITER = String.raw`(?:'(?<single>[^'\n]+)'|"(?<double>[^"$\`\\\n]+)"|\\?(?<bare>[\w.-]+))`;

const COMMAND = new RegExp(
  String.raw`^\s*${CHANGE_DIRECTORY}${ASSIGNMENTS}(?:apply_patch|applypatch)[ \t]*<<-?[ \t]*${DELIMITER}[ \t]*\r?\n`,
);

/**
 * Reads `[cd DIR &&] apply_patch <<'WORD'`, the body, and `WORD`, with nothing else around it. The body is taken as it
 * stands, whether or not the delimiter is quoted (observed).
 */
export function readHeredocCommand(script: string): HeredocCommand | undefined {
  const match = COMMAND.exec(script);
  if (!match?.groups) return undefined;
  const { workdir, single, double, bare } = match.groups;
  const body = readBody(script.slice(match[0].length), single ?? double ?? bare ?? '');
  if (body === undefined) return undefined;
  return { body, workdir: workdir === undefined ? undefined : unquote(workdir) };
}

/** The closing line may be indented or trailed by spaces when nothing follows it (observed). */
function readBody(text: string, delimiter: string): string | undefined {
  const lines = text.split(/\r?\n/);
  const exact = lines.indexOf(delimiter);
  const end = exact === -1 ? lines.findLastIndex((line) => line.trim() !== '') : exact;
  if (lines[end]?.trim() !== delimiter) return undefined;
  if (lines.slice(end + 1).some((line) => line.trim() !== '')) return undefined;
  return lines.slice(0, end).join('\n');
}

function unquote(word: string): string {
  return /^['"]/.test(word) ? word.slice(1, -1) : word;
}
