import { createInterface } from 'node:readline';
import type { Screen } from '../terminal/screen.ts';

export interface InputEvents {
  onLine(line: string): void;
  /** Ctrl-C, or the signal. */
  onInterrupt(): void;
  /** Ctrl-D, or the end of what is piped in. */
  onEnd(): void;
}

export interface TerminalInput {
  /** Shows the prompt, with what is typed already, when there is a person to see it. */
  prompt(): void;
  close(): void;
}

/** Lines that a person types, or that are piped in. */
export function readTerminal(screen: Screen, events: InputEvents): TerminalInput {
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const reader = createInterface({
    input: process.stdin,
    ...(terminal && { output: process.stdout }),
    terminal,
    prompt: '> ',
  });
  reader.on('line', (line) => {
    screen.promptShown = false;
    events.onLine(line);
  });
  reader.on('close', events.onEnd);
  reader.on('SIGINT', events.onInterrupt);
  process.on('SIGINT', events.onInterrupt);
  return {
    prompt() {
      if (!terminal) return;
      screen.endLine();
      reader.prompt(true);
      screen.promptShown = true;
    },
    close() {
      process.off('SIGINT', events.onInterrupt);
      reader.off('close', events.onEnd);
      reader.close();
    },
  };
}
