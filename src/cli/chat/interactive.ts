import { setImmediate } from 'node:timers/promises';
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
export function runInteractive(client: Client, conversation: Conversation): Promise<number> {
  return new InteractiveSession(client, conversation).run();
}

class InteractiveSession {
  readonly #client: Client;
  readonly #conversation: Conversation;
  readonly #screen = createScreen();
  readonly #transcript = createTranscript(this.#screen);
  readonly #left = Promise.withResolvers<number>();
  readonly #leaving = new AbortController();
  readonly #questions = createQuestions(this.#screen, {
    caughtUp: () => this.#caughtUp(),
    onChange: () => this.#settle(),
  });
  readonly #input = readTerminal(this.#screen, {
    onLine: (line) => this.#take(line),
    onInterrupt: () => this.#interrupt(),
    onEnd: () => this.#endInput(),
  });
  /** What is still being shown. */
  #showing = Promise.resolve();
  #isRunning = false;
  #isInputOver = false;
  #hasSnapshot = false;
  /** Messages of this terminal that have not begun a turn yet. */
  #own = 0;

  constructor(client: Client, conversation: Conversation) {
    this.#client = client;
    this.#conversation = conversation;
  }

  async run(): Promise<number> {
    const { id } = this.#conversation;
    const stopAsking = this.#client.onApproval(async (approval) =>
      approval.conversationId === id ? this.#questions.ask(approval) : undefined,
    );
    const { signal } = this.#leaving;
    const updates = this.#conversation.follow({ snapshot: true, signal });
    this.#showAll(updates).catch(this.#left.reject);
    try {
      return await this.#left.promise;
    } finally {
      this.#leaving.abort();
      stopAsking();
      this.#input.close();
      this.#screen.endLine();
    }
  }

  #take(line: string): void {
    if (this.#questions.waiting) this.#questions.answer(line);
    else if (line.trim() === '') this.#settle();
    else this.#send(line).catch(this.#left.reject);
  }

  async #send(text: string): Promise<void> {
    if (!this.#isRunning) this.#own += 1;
    const items = [{ type: 'text' as const, data: { text } }];
    await this.#client.call('sendUserMessage', { conversationId: this.#conversation.id, items });
  }

  #interrupt(): void {
    if (this.#isRunning) this.#conversation.interrupt().catch(this.#left.reject);
    else this.#left.resolve(INTERRUPTED);
  }

  #endInput(): void {
    this.#isInputOver = true;
    if (process.stdin.isTTY) this.#left.resolve(0);
    else this.#settle();
  }

  /** Nothing is going on: it is the person's turn, or the end. */
  #settle(): void {
    if (this.#isInputOver && !this.#isRunning && this.#own === 0) this.#left.resolve(0);
    else if (!this.#isRunning || this.#questions.waiting) this.#input.prompt();
  }

  async #showAll(updates: AsyncIterable<Update>): Promise<void> {
    for await (const update of updates) {
      this.#showing = this.#showing.then(() => this.#show(update));
      this.#showing.catch(this.#left.reject);
    }
    if (this.#leaving.signal.aborted) return;
    await this.#showing;
    this.#screen.talk('the conversation was closed\n', 'yellow');
    this.#left.resolve(0);
  }

  /** Updates that came before are handed over within this round of the event loop. */
  async #caughtUp(): Promise<void> {
    await setImmediate();
    await this.#showing;
  }

  async #show(update: Update): Promise<void> {
    if (update.kind === 'snapshot') this.#showSnapshot(update);
    else await this.#showEvent(update);
  }

  #showSnapshot({ conversation: { turn, messages } }: SnapshotUpdate): void {
    if (this.#hasSnapshot) this.#screen.talk('some events were missed here\n', 'dim');
    else this.#transcript.showAll(messages);
    this.#hasSnapshot = true;
    this.#isRunning = turn !== null;
    this.#settle();
  }

  async #showEvent({ msg }: EventUpdate): Promise<void> {
    if (msg.type === 'task_started') {
      this.#isRunning = true;
      await this.#showForeignMessage();
    }
    this.#transcript.show(msg);
    if (msg.type !== 'task_complete' && msg.type !== 'turn_aborted') return;
    this.#isRunning = false;
    this.#settle();
  }

  /** Others' messages are not among the events, only in the conversation itself. */
  async #showForeignMessage(): Promise<void> {
    if (this.#own > 0) {
      this.#own -= 1;
      return;
    }
    const { messages } = await this.#conversation.get();
    this.#transcript.showAll(messages.filter(({ type }) => type === 'user_message').slice(-1));
  }
}
