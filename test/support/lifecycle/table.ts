/** One line of a table of results: a command, in one state. */
export interface Row {
  readonly command: string;
  readonly state: string;
  /** Word for the answer. */
  readonly answer: string;
  /** The state afterwards. */
  readonly afterwards: string;
  /** What listeners hear of the turn and of the conversation, in order. */
  readonly heard: readonly string[];
}

/**
 * Reads lines `command | states | answer | afterwards | heard`. Several states may share a line; `=` afterwards is the
 * state itself.
 */
export function readTable(text: string): Row[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.flatMap((line) => {
    const [command = '', states = '', answer = '', afterwards = '', heard = ''] = line
      .split('|')
      .map((cell) => cell.trim());
    return words(states).map((state) => ({
      command,
      state,
      answer,
      afterwards: afterwards === '=' ? state : afterwards,
      heard: words(heard),
    }));
  });
}

/** One line of the table again, to be compared. */
export const writeRow = ({ command, state, answer, afterwards, heard }: Row): string =>
  [command, state, answer, afterwards, heard.join(' ')].join(' | ');

const words = (cell: string): string[] => cell.split(' ').filter((word) => word !== '');
