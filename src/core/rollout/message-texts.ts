import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import { isUserMessage } from './user-message.ts';

/** Bytes of the first block; each is twice as large as the one before it, up to the largest. */
const FIRST_BLOCK = 4 * 1024;
const LARGEST_BLOCK = 1024 * 1024;

/** A run of messages with commas between them: all of them are shown to people, or none. */
interface Run {
  readonly block: Buffer;
  readonly start: number;
  end: number;
  readonly shown: boolean;
}

/** `all` that is stored, or only what is `shown` to people (protocol-v1, section 16). */
export type Audience = 'all' | 'shown';

/** Whether people are shown a stored message. */
export const isShown = (msg: EventMsg): boolean => !isUserMessage(msg) || msg.kind === 'plain';

/**
 * The event messages of a conversation in order, each as the JSON text that clients are sent. Of a long conversation
 * that is a few blocks of memory instead of some ten thousand objects, and every client is sent the same bytes.
 */
export class MessageTexts {
  readonly #runs: Run[] = [];
  #count = 0;
  #block = Buffer.alloc(0);
  #used = 0;

  constructor(messages: Iterable<EventMsg> = []) {
    for (const message of messages) this.add(message);
  }

  get count(): number {
    return this.#count;
  }

  add(msg: EventMsg): void {
    this.#count += 1;
    const shown = isShown(msg);
    const text = JSON.stringify(msg);
    const last = this.#runs.at(-1);
    const size = Buffer.byteLength(text);
    if (last?.shown === shown && last.block === this.#block && this.#used + 1 + size <= this.#block.length) {
      last.end = this.#write(`,${text}`);
      return;
    }
    if (this.#used + size > this.#block.length) this.#grow(size);
    const start = this.#used;
    this.#runs.push({ block: this.#block, start, end: this.#write(text), shown });
  }

  /** Pieces of text that, with a comma between each two, are the members of a list. Good also after more is added. */
  texts(audience: Audience): Buffer[] {
    const runs = audience === 'all' ? this.#runs : this.#runs.filter(({ shown }) => shown);
    return runs.map(({ block, start, end }) => block.subarray(start, end));
  }

  parse(audience: Audience): EventMsg[] {
    return JSON.parse(`[${this.texts(audience).join(',')}]`);
  }

  #write(text: string): number {
    this.#used += this.#block.write(text, this.#used);
    return this.#used;
  }

  #grow(needed: number): void {
    const next = Math.min(Math.max(2 * this.#block.length, FIRST_BLOCK), LARGEST_BLOCK);
    this.#block = Buffer.allocUnsafeSlow(Math.max(next, needed));
    this.#used = 0;
  }
}
