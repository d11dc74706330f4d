import { styleText } from 'node:util';

export type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Where a conversation is shown: what the model says is data and goes to stdout, all else is talk. */
export interface Screen {
  /** What the model says, in pieces. */
  say(text: string): void;
  talk(text: string, colour?: Colour): void;
  /** Begins a new line where the last one is not finished. */
  endLine(): void;
  /** The person sees a prompt, or typed something, where the next output goes. */
  promptShown: boolean;
}

const ERASE_LINE = '\r\u001B[K';

/** Colours as `NO_COLOR`, `FORCE_COLOR` and the terminal have it. */
export function createScreen(): Screen {
  let unfinished: NodeJS.WriteStream | undefined;

  function write(stream: NodeJS.WriteStream, text: string, colour?: Colour): void {
    if (text === '') return;
    if (screen.promptShown) process.stdout.write(ERASE_LINE);
    screen.promptShown = false;
    if (unfinished !== undefined && unfinished !== stream) screen.endLine();
    stream.write(colour ? styleText(colour, text, { stream }) : text);
    unfinished = text.endsWith('\n') ? undefined : stream;
  }

  const screen: Screen = {
    promptShown: false,
    say: (text) => write(process.stdout, text),
    talk: (text, colour) => write(process.stderr, text, colour),
    endLine() {
      unfinished?.write('\n');
      unfinished = undefined;
    },
  };
  return screen;
}
