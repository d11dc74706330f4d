import type { EventMsg, EventOf, EventType } from '../../protocol/vocabulary/events.ts';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { RolloutItem } from '../../protocol/vocabulary/rollout.ts';
import type { RolloutWriter } from '../rollout/types.ts';

/** Events that are stored before anybody hears of them (protocol-v1, section 15). */
const STORED: ReadonlySet<EventType> = new Set([
  'agent_message',
  'agent_reasoning',
  'agent_reasoning_raw_content',
  'token_count',
  'turn_aborted',
]);

export const isStored = (msg: EventMsg): boolean => STORED.has(msg.type);

/** What a conversation knows of itself, in memory and in its file, which never lags behind. */
export class Journal {
  readonly #rollout: RolloutWriter;
  readonly #history: ResponseItem[];
  readonly #messages: EventMsg[] = [];

  constructor(rollout: RolloutWriter, history: readonly ResponseItem[]) {
    this.#rollout = rollout;
    this.#history = [...history];
  }

  get path(): string {
    return this.#rollout.path;
  }

  /** What the model is sent. */
  get history(): readonly ResponseItem[] {
    return this.#history;
  }

  /** The stored event messages, in order. */
  get messages(): readonly EventMsg[] {
    return this.#messages;
  }

  /** Puts what a user said on disk; with the item itself, unless that joins the history later. */
  async storeInput(shown: EventOf<'user_message'> | undefined, item?: ResponseItem): Promise<void> {
    const lines: RolloutItem[] = [];
    if (item) lines.push({ type: 'response_item', payload: item });
    if (shown) lines.push({ type: 'event_msg', payload: shown });
    await this.#rollout.append(lines, { sync: true });
    if (item) this.#history.push(item);
    if (shown) this.#messages.push(shown);
  }

  async remember(items: readonly ResponseItem[]): Promise<void> {
    if (items.length === 0) return;
    await this.#rollout.append(items.map((payload) => ({ type: 'response_item', payload })));
    this.#history.push(...items);
  }

  async storeEvent(msg: EventMsg): Promise<void> {
    await this.#rollout.append([{ type: 'event_msg', payload: msg }]);
    this.#messages.push(msg);
  }

  store(items: readonly RolloutItem[]): Promise<void> {
    return this.#rollout.append(items);
  }

  /** Puts another history in place of the one there is, and stores the summary that it was made with. */
  async compact(history: readonly ResponseItem[], summary: string): Promise<void> {
    await this.#rollout.append([{ type: 'compacted', payload: { message: summary } }]);
    this.#history.splice(0, this.#history.length, ...history);
  }

  /** Resolves when everything so far would survive a power cut. */
  sync(): Promise<void> {
    return this.#rollout.append([], { sync: true });
  }

  close(): Promise<void> {
    return this.#rollout.close();
  }
}
