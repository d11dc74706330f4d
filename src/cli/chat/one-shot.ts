import { setImmediate } from 'node:timers/promises';
import type { Conversation } from '../../client/conversation.ts';
import type { Turn } from '../../client/turn.ts';
import { printJson } from '../output.ts';
import type { Screen } from '../terminal/screen.ts';
import { createScreen } from '../terminal/screen.ts';
import { createTranscript } from '../terminal/transcript.ts';
import { createQuestions } from './questions.ts';
import { readTerminal } from './terminal-input.ts';

const EXIT_CODES = { completed: 0, failed: 1, interrupted: 1 } as const;
const INTERRUPTED_HERE = 130;

export interface OneShotFlags {
  /** A JSON object per line: every update, then the result. */
  readonly json?: boolean;
}

/**
 * Sends one message and shows its turn. Ctrl-C interrupts it.
 *
 * @returns the exit code: 0 for a turn that completed, 130 for one that was interrupted here, else 1
 */
export async function runOneShot(
  conversation: Conversation,
  prompt: string,
  { json }: OneShotFlags,
): Promise<number> {
  const screen = createScreen();
  const abort = new AbortController();
  const questions = askPerson(screen, conversation, () => abort.abort());
  const turn = conversation.run(prompt, { signal: abort.signal, onApproval: questions.ask });
  try {
    await showTurn(turn, screen, json ?? false);
    const result = await turn.result;
    if (json) printJson({ kind: 'result', conversationId: conversation.id, ...result });
    return abort.signal.aborted ? INTERRUPTED_HERE : EXIT_CODES[result.status];
  } finally {
    questions.close();
  }
}

async function showTurn(turn: Turn, screen: Screen, json: boolean): Promise<void> {
  const transcript = createTranscript(screen);
  for await (const update of turn) {
    if (json) printJson(update);
    else if (update.kind === 'event') transcript.show(update.msg);
    else screen.talk('the connection was lost, and some of the turn with it\n', 'dim');
  }
}

/** With a person at the terminal the questions are asked there, else they wait for another client. */
function askPerson(screen: Screen, { id }: Conversation, onInterrupt: () => void) {
  if (!process.stdin.isTTY) {
    process.on('SIGINT', onInterrupt);
    return {
      async ask() {
        screen.talk(`The agent asks for consent; answer with: codexd attach ${id}\n`, 'yellow');
        return undefined;
      },
      close: () => process.off('SIGINT', onInterrupt),
    };
  }
  const questions = createQuestions(screen, {
    caughtUp: () => setImmediate(),
    onChange: () => {},
  });
  const input = readTerminal(screen, {
    onLine: (line) => questions.waiting && questions.answer(line),
    onInterrupt,
    onEnd: () => {},
  });
  return { ask: questions.ask, close: input.close };
}
