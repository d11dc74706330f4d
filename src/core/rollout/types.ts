import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { CompactedItem, RolloutItem, SessionMeta } from '../../protocol/vocabulary/rollout.ts';
import type { MessageTexts } from './message-texts.ts';
import type { StoredLines } from './stored-lines.ts';

export interface AppendOptions {
  /** To wait until the records are on the disk. */
  readonly sync?: boolean;
  /** Called when the records are in the file, which is before they are on the disk, and not when they are refused. */
  readonly onWritten?: () => void;
  /** Somebody waits: to fail at once when the disk is in trouble, and to write nothing of it later. */
  readonly urgent?: boolean;
  /** The end of a turn, which takes the room that a full disk has left for such records. */
  readonly closing?: boolean;
}

/** Appends to one rollout file, in order. */
export interface RolloutWriter {
  readonly path: string;
  /** Bytes of the file, as far as it is known without asking. */
  readonly size: number;
  /**
   * Resolves when the lines are in the file (they survive the death of this process), with `sync` when they are on
   * the disk (they survive a power cut). Records of one call stay together; calls keep their order.
   *
   * Rejects with a RolloutError: `invalid_record` for what can never be written; `storage_full`, `storage_unwritable`
   * or `storage_error` when the disk is in trouble, at once for urgent records, otherwise when patience ended, and the
   * records are then still written as soon as the disk takes them; `storage_conflict`, `storage_lost`, `locked` or
   * `closed` when nothing more will be written.
   */
  append(items: readonly RolloutItem[], options?: AppendOptions): Promise<void>;
  /** Waits for everything appended so far and syncs it. */
  flush(): Promise<void>;
  /**
   * Flushes and gives the file back; appending afterwards is an error. Rejects, with the file given back, when records
   * could not be written or synced within a moment; the message says how many.
   */
  close(): Promise<void>;
}

/** What a rollout file holds, as far as it can be read and held. */
export interface StoredConversation {
  readonly path: string;
  readonly meta: SessionMeta;
  /**
   * What the model's history is made of, in order; what a compaction replaced is still in it, at its place. Of a file
   * that is too long to be held these are the last ones, and those before the first message of the user. A fork whose
   * session_meta names another file for its beginning (`history_base`, since 0.169 at the latest) has only what is in
   * its own.
   */
  readonly lines: StoredLines;
  /** The event messages, in order. */
  readonly messages: MessageTexts;
  /** Older lines that are not in `lines`: items of the history, and messages. */
  readonly droppedItems: number;
  readonly droppedMessages: number;
  /**
   * Line numbers, from 1, of the first hundred lines that are no JSON objects; records of types we do not know are not
   * damage.
   */
  readonly damagedLines: readonly number[];
  /** How many there are of them. */
  readonly damagedCount: number;
  /** The lines carry an `ordinal`: the program that wrote them could not read a file in which some have none. */
  readonly numbered: boolean;
  /** Offset behind the last line that has an end, in bytes. */
  readonly size: number;
}

export type StoredEntry =
  | { type: 'response_item'; item: ResponseItem }
  | { type: 'event_msg'; msg: EventMsg }
  | { type: 'compacted'; item: CompactedItem };
