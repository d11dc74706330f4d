import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { RolloutLine } from '../../protocol/vocabulary/rollout.ts';
import type { StoredEntry } from './types.ts';

/** The reference never shows the model again what claims to come from the system. */
export const isForModel = (item: ResponseItem): boolean => item.type !== 'message' || item.role !== 'system';

/** What a line adds to a conversation; `undefined` for those that only tell about it. */
export function entryOf(line: RolloutLine): StoredEntry | undefined {
  switch (line.type) {
    case 'response_item':
      return isForModel(line.payload) ? { type: line.type, item: line.payload } : undefined;
    case 'event_msg':
      return { type: line.type, msg: line.payload };
    case 'compacted':
      return { type: line.type, item: line.payload };
    default:
      return undefined;
  }
}
