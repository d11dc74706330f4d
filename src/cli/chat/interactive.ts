import type { Client } from '../../client/client.ts';
import type { Conversation } from '../../client/conversation.ts';
import type { EventUpdate, SnapshotUpdate, Update } from '../../client/update.ts';
import { createScreen } from '../terminal/screen.ts';
import { createTranscript } from '../terminal/transcript.ts';
import { createQuestions } from './questions.ts';
import { readTerminal } from './terminal-input.ts';

const INTERRUPTED = 130;

/**
 * One of any number of terminals on a conversation: what is typed is sent, what happens is shown, whoever caused it.
 * Ctrl-C interrupts the turn, or leaves when none runs; Ctrl-D leaves, and a turn goes on.
 *
 * @returns the exit code
 */
export async function runInteractive(client: Client, conversation: Conversation): Promise<number> {
  const screen = createScreen();
  const transcript = createTranscript(screen);
  const left = Promise.withResolvers<number>();
  let isRunning = false;
  /** Messages of this terminal that have not begun a turn yet. */
  let own = 0;
  let ended = false;
  let isShown = false;

  const settleDown = (): void => {
    if (ended && !isRunning && own === 0) left.resolve(0);
    else if (!isRunning || questions.waiting) input.prompt();
  };
  const questions = createQuestions(screen, settleDown);
  const stopAsking = client.onApproval(async (approval) =>
    approval.conversationId === conversation.id ? questions.ask(approval) : undefined,
  );

  async function send(text: string): Promise<void> {
    if (!isRunning) own += 1;
    const items = [{ type: 'text' as const, data: { text } }];
    await client.call('sendUserMessage', { conversationId: conversation.id, items });
  }

  const input = readTerminal(screen, {
    onLine(line) {
      if (questions.waiting) questions.answer(line);
      else if (line.trim() !== '') send(line).catch(left.reject);
      else settleDown();
    },
    onInterrupt() {
      if (isRunning) conversation.interrupt().catch(left.reject);
      else left.resolve(INTERRUPTED);
    },
    onEnd() {
      ended = true;
      if (process.stdin.isTTY) left.resolve(0);
      else settleDown();
    },
  });

  /** Others' messages are not among the events, only in the conversation itself. */
  async function showForeignMessage(): Promise<void> {
    if (own > 0) {
      own -= 1;
      return;
    }
    const { messages } = await conversation.get();
    transcript.showAll(messages.filter(({ type }) => type === 'user_message').slice(-1));
  }

  async function showEvent({ msg }: EventUpdate): Promise<void> {
    if (msg.type === 'task_started') {
      isRunning = true;
      await showForeignMessage();
    }
    transcript.show(msg);
    if (msg.type !== 'task_complete' && msg.type !== 'turn_aborted') return;
    isRunning = false;
    settleDown();
  }

  function showSnapshot({ conversation: { turn, messages } }: SnapshotUpdate): void {
    if (isShown) screen.talk('some events were missed here\n', 'dim');
    else transcript.showAll(messages);
    isShown = true;
    isRunning = turn !== null;
    settleDown();
  }

  async function show(updates: AsyncIterable<Update>): Promise<number> {
    for await (const update of updates) {
      if (update.kind === 'event') await showEvent(update);
      else showSnapshot(update);
    }
    screen.talk('the conversation was closed\n', 'yellow');
    return 0;
  }

  try {
    return await Promise.race([show(conversation.follow({ snapshot: true })), left.promise]);
  } finally {
    stopAsking();
    input.close();
    screen.endLine();
  }
}
