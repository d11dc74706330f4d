import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import { type Place, TextBlocks } from './text-blocks.ts';
import { isUserMessage } from './user-message.ts';

/** A run of messages with commas between them: all of them are shown to people, or none. */
interface Run extends Place {
  end: number;
  readonly shown: boolean;
}

/** `all` that is stored, or only what is `shown` to people (protocol-v1, section 16). */
export type Audience = 'all' | 'shown';

/** Whether people are shown a stored message. */
export const isShown = (msg: EventMsg): boolean => !isUserMessage(msg) || msg.kind === 'plain';

const COMMA = Buffer.from(',');

/**
 * The event messages of a conversation in order, each as the JSON text that clients are sent. Every client is sent the
 * same bytes.
 */
export class MessageTexts {
  readonly #runs: Run[] = [];
  readonly #blocks = new TextBlocks();
  #count = 0;

  constructor(messages: Iterable<EventMsg> = []) {
    for (const message of messages) this.add(message);
  }

  get count(): number {
    return this.#count;
  }

  /** @param text what JSON.stringify would make of the message, when that is at hand */
  add(msg: EventMsg, text: string | Buffer = JSON.stringify(msg)): void {
    this.#count += 1;
    const shown = isShown(msg);
    const last = this.#runs.at(-1);
    const size = Buffer.byteLength(text);
    if (last?.shown === shown && this.#blocks.hasRoom(COMMA.length + size)) {
      this.#blocks.add(COMMA, COMMA.length);
      last.end = this.#blocks.add(text, size).end;
    } else this.#runs.push({ ...this.#blocks.add(text, size), shown });
  }

  /** Pieces of text that, with a comma between each two, are the members of a list. Good also after more is added. */
  texts(audience: Audience): Buffer[] {
    const runs = audience === 'all' ? this.#runs : this.#runs.filter(({ shown }) => shown);
    return runs.map(({ block, start, end }) => block.subarray(start, end));
  }

  parse(audience: Audience): EventMsg[] {
    return JSON.parse(`[${this.texts(audience).join(',')}]`);
  }
}
