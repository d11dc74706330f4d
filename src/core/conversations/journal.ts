import { setTimeout as sleep } from 'node:timers/promises';
import type { EventMsg, EventOf, EventType } from '../../protocol/vocabulary/events.ts';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { RolloutItem } from '../../protocol/vocabulary/rollout.ts';
import { RolloutError, type RolloutFault } from '../rollout/errors.ts';
import type { MessageTexts } from '../rollout/message-texts.ts';
import { type Compaction, entriesOf, extendHistory } from '../rollout/reader.ts';
import type { AppendOptions } from '../rollout/types.ts';
import type { ConversationFile } from './conversation-file.ts';

const SYNC_PATIENCE_MS = 30_000;
const SYNC_PAUSE_MS = 200;

/** What a disk may say that works again later. */
const PASSING: ReadonlySet<RolloutFault> = new Set(['storage_full', 'storage_unwritable', 'storage_error']);

/** The disk takes nothing just now. */
export const isPassing = (error: unknown): error is RolloutError =>
  error instanceof RolloutError && PASSING.has(error.fault);

/** Events that are stored before anybody hears of them (protocol-v1, section 15). */
const STORED: ReadonlySet<EventType> = new Set([
  'agent_message',
  'agent_reasoning',
  'agent_reasoning_raw_content',
  'token_count',
  'turn_aborted',
]);

export const isStored = (msg: EventMsg): boolean => STORED.has(msg.type);

/** What a user said. */
export interface Input {
  readonly shown: EventOf<'user_message'> | undefined;
  /** Left out when it joins the history later. */
  readonly item?: ResponseItem;
  /** Called when all is in the file, and the item in the history, which it leaves again when the disk refuses it. */
  readonly onWritten?: () => void;
}

/** What a conversation knows of itself, in memory and in its file, which never lags behind. */
export class Journal {
  readonly #rollout: ConversationFile;
  #history: ResponseItem[] | undefined;
  #readHistory: () => readonly ResponseItem[];
  readonly #messages: MessageTexts;

  /** @param readHistory called once, when the history is needed */
  constructor(rollout: ConversationFile, readHistory: () => readonly ResponseItem[], messages: MessageTexts) {
    this.#rollout = rollout;
    this.#readHistory = readHistory;
    this.#messages = messages;
  }

  get path(): string {
    return this.#rollout.path;
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#rollout.size;
  }

  /** What the model is sent. */
  get history(): readonly ResponseItem[] {
    return this.#items();
  }

  /** The stored event messages, in order. */
  get messages(): Pick<MessageTexts, 'texts' | 'parse' | 'count'> {
    return this.#messages;
  }

  /** Puts what a user said on disk. */
  async storeInput({ shown, item, onWritten }: Input): Promise<void> {
    const lines: RolloutItem[] = [];
    if (item) lines.push({ type: 'response_item', payload: item });
    if (shown) lines.push({ type: 'event_msg', payload: shown });
    await this.#rollout.claim();
    const written = (): void => {
      if (item) this.#items().push(item);
      onWritten?.();
    };
    try {
      await this.#rollout.append(lines, { sync: true, urgent: true, onWritten: written });
    } catch (error) {
      if (item) this.#forget(item);
      throw error;
    }
    if (shown) this.#messages.add(shown);
  }

  async remember(items: readonly ResponseItem[]): Promise<void> {
    if (items.length === 0) return;
    await this.#rollout.append(items.map((payload) => ({ type: 'response_item', payload })));
    this.#items().push(...items);
  }

  async storeEvent(msg: EventMsg, options?: AppendOptions): Promise<void> {
    await this.#rollout.append([{ type: 'event_msg', payload: msg }], options);
    this.#messages.add(msg);
  }

  /** Puts the end of a turn on disk, and what it had still to remember, also on a full one. */
  async storeEnd(items: readonly ResponseItem[], msg: EventMsg): Promise<void> {
    const lines = items.map((payload): RolloutItem => ({ type: 'response_item', payload }));
    await this.#rollout.append([...lines, { type: 'event_msg', payload: msg }], {
      sync: true,
      closing: true,
    });
    this.#items().push(...items);
    this.#messages.add(msg);
  }

  store(items: readonly RolloutItem[]): Promise<void> {
    return this.#rollout.append(items);
  }

  /** Puts another history in place of the one there is, and stores the summary that it was made with. */
  async compact(history: readonly ResponseItem[], summary: string): Promise<void> {
    await this.#rollout.append([{ type: 'compacted', payload: { message: summary } }]);
    this.#replaceHistory(history);
  }

  /** Takes in what another program appended. Returns the messages among it. */
  merge(lines: readonly string[], compact: Compaction): EventMsg[] {
    const entries = entriesOf(lines);
    const messages = entries.flatMap((entry) => (entry.type === 'event_msg' ? [entry.msg] : []));
    this.#replaceHistory(extendHistory(this.#items(), entries, compact));
    for (const message of messages) this.#messages.add(message);
    return messages;
  }

  /**
   * Resolves when everything so far would survive a power cut. Waits for a disk in trouble as long as records do.
   * @param onWritten called when it is in the file, perhaps more than once
   */
  async sync(signal: AbortSignal, onWritten: () => void): Promise<void> {
    const limit = performance.now() + SYNC_PATIENCE_MS;
    for (;;) {
      try {
        return await this.#rollout.append([], { sync: true, onWritten });
      } catch (error) {
        if (!isPassing(error) || performance.now() >= limit) throw error;
        await sleep(SYNC_PAUSE_MS, undefined, { signal });
      }
    }
  }

  flush(): Promise<void> {
    return this.#rollout.flush();
  }

  close(): Promise<void> {
    return this.#rollout.close();
  }

  #items(): ResponseItem[] {
    if (this.#history === undefined) {
      this.#history = [...this.#readHistory()];
      this.#readHistory = () => [];
    }
    return this.#history;
  }

  #forget(item: ResponseItem): void {
    const at = this.#items().lastIndexOf(item);
    if (at >= 0) this.#items().splice(at, 1);
  }

  /** In place: a running turn holds on to the list. */
  #replaceHistory(history: readonly ResponseItem[]): void {
    const items = this.#items();
    items.length = 0;
    for (const item of history) items.push(item);
  }
}
