import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { CompactedItem, RolloutItem, SessionMeta } from '../../protocol/vocabulary/rollout.ts';

/** Appends to one rollout file, in order. */
export interface RolloutWriter {
  readonly path: string;
  /**
   * Resolves when the lines are in the file (they survive the death of this process), with `sync` when they are on
   * the disk (they survive a power cut). Records of one call stay together; calls keep their order.
   */
  append(items: readonly RolloutItem[], options?: { sync?: boolean }): Promise<void>;
  /** Waits for everything appended so far and syncs it. */
  flush(): Promise<void>;
  /** Flushes and gives the file back; appending afterwards is an error. */
  close(): Promise<void>;
}

/** What a rollout file holds, as far as it can be read. */
export interface StoredConversation {
  readonly path: string;
  readonly meta: SessionMeta;
  /** In order; what a compaction replaced is still in it, at its place. */
  readonly entries: readonly StoredEntry[];
  /** Line numbers, from 1, of lines that are no JSON objects; records of types we do not know are not damage. */
  readonly damagedLines: readonly number[];
}

export type StoredEntry =
  | { type: 'response_item'; item: ResponseItem }
  | { type: 'event_msg'; msg: EventMsg }
  | { type: 'compacted'; item: CompactedItem };
