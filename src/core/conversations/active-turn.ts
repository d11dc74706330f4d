import type { MessageItem } from '../../protocol/vocabulary/items.ts';
import { StallError } from './stall-error.ts';
import type { TurnActivity } from './turn-activity.ts';

/** In milliseconds. */
const FORSAKE_MS = 1_000;

/** A turn while it runs: how to stop it, what waits for it, and whether it still takes input. */
export class ActiveTurn {
  readonly id: string;
  readonly startedAt = new Date();
  readonly activity: TurnActivity;
  /** How many messages the conversation had stored, the one that began the turn included. */
  storedBefore = 0;
  readonly #controller = new AbortController();
  readonly #begun = Promise.withResolvers<boolean>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #forsaken = Promise.withResolvers<never>();
  #input: MessageItem[] = [];
  #accepting = true;

  constructor(id: string, activity: TurnActivity) {
    this.id = id;
    this.activity = activity;
    this.#forsaken.promise.catch(() => {});
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

  /** Never resolves; rejects with `StallError` when the turn does not even react to being aborted for that. */
  get forsaken(): Promise<never> {
    return this.#forsaken.promise;
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

  /** Nothing would ever end the turn: it is aborted, and given up soon after. */
  stall(): void {
    const error = new StallError();
    this.#accepting = false;
    this.#controller.abort(error);
    setTimeout(() => this.#forsaken.reject(error), FORSAKE_MS).unref();
  }

  end(): void {
    this.#accepting = false;
    this.#begun.resolve(false);
    this.#ended.resolve();
  }
}
