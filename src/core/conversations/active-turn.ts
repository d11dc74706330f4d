import type { MessageItem } from '../../protocol/vocabulary/items.ts';

/** A turn while it runs: how to stop it, what waits for it, and whether it still takes input. */
export class ActiveTurn {
  readonly id: string;
  readonly startedAt = new Date();
  /** How many messages the conversation had stored, the one that began the turn included. */
  storedBefore = 0;
  readonly #controller = new AbortController();
  readonly #begun = Promise.withResolvers<boolean>();
  readonly #ended = Promise.withResolvers<void>();
  #input: MessageItem[] = [];
  #accepting = true;

  constructor(id: string) {
    this.id = id;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** False once the turn has decided to end: input then belongs to the next turn. */
  get accepting(): boolean {
    return this.#accepting;
  }

  /** Whether the turn came to be: its input is on disk and acknowledged. Nobody hears of it before that is known. */
  get begun(): Promise<boolean> {
    return this.#begun.promise;
  }

  /** Resolves when the turn's last event is out. */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  begin(): void {
    this.#begun.resolve(true);
  }

  inject(message: MessageItem): void {
    this.#input.push(message);
  }

  /** Taking nothing with `closing` is the decision to end. */
  takeInput({ closing }: { closing: boolean }): MessageItem[] {
    const input = this.#input;
    this.#input = [];
    if (closing && input.length === 0) this.#accepting = false;
    return input;
  }

  /** The turn stops as soon as it can, and takes no more input. */
  abort(): void {
    this.#accepting = false;
    this.#controller.abort();
  }

  end(): void {
    this.#accepting = false;
    this.#begun.resolve(false);
    this.#ended.resolve();
  }
}
