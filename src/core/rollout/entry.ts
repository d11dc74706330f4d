import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import type { ResponseItem } from '../../protocol/vocabulary/items.ts';
import type { RolloutLine } from '../../protocol/vocabulary/rollout.ts';
import type { ParsedLine } from './line.ts';
import type { StoredEntry } from './types.ts';
import { isUserMessage, withKind } from './user-message.ts';

/** The reference never shows the model again what claims to come from the system. */
export const isForModel = (item: ResponseItem): boolean => item.type !== 'message' || item.role !== 'system';

const eventEntry = (msg: EventMsg): StoredEntry => ({ type: 'event_msg', msg });

/** What a record adds to a conversation; `undefined` for those that only tell about it. */
function entryOf(line: RolloutLine, isByLaterRelease: boolean): StoredEntry | undefined {
  switch (line.type) {
    case 'response_item':
      return isForModel(line.payload) ? { type: line.type, item: line.payload } : undefined;
    case 'event_msg':
      return eventEntry(
        isByLaterRelease && isUserMessage(line.payload) ? withKind(line.payload) : line.payload,
      );
    case 'compacted':
      return { type: line.type, item: line.payload };
    default:
      return undefined;
  }
}

/**
 * What a line adds to a conversation, in order.
 * @param isByLaterRelease a release after 0.36 began the conversation: its user messages need not say their kind
 */
export function entriesOfLine(parsed: ParsedLine, isByLaterRelease: boolean): StoredEntry[] {
  if (parsed.kind === 'completed_item') return parsed.events.map(eventEntry);
  const entry = parsed.kind === 'record' ? entryOf(parsed.line, isByLaterRelease) : undefined;
  return entry === undefined ? [] : [entry];
}
