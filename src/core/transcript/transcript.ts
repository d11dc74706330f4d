import type { EventMsg } from '../../protocol/vocabulary/events.ts';
import { isStored } from '../conversations/journal.ts';
import { isShown } from '../rollout/message-texts.ts';
import type { StoredEntry } from '../rollout/types.ts';
import { createCallReader } from './call-events.ts';

/**
 * The stored messages in order, and between them what was called and what came of it.
 *
 * @param messages how many of the stored messages to go up to; all, and the calls after them, when left out
 * @param cwd where commands ran that do not say
 */
export function transcriptOf(
  entries: Iterable<StoredEntry>,
  { messages = Number.POSITIVE_INFINITY, cwd }: { messages?: number | undefined; cwd: string },
): EventMsg[] {
  const readCall = createCallReader(cwd);
  const transcript: EventMsg[] = [];
  let seen = 0;
  for (const entry of entries) {
    if (seen >= messages) break;
    if (entry.type === 'response_item') transcript.push(...readCall(entry.item));
    if (entry.type !== 'event_msg') continue;
    seen += 1;
    if (isShown(entry.msg)) transcript.push(entry.msg);
  }
  return transcript;
}

/** An event of the running turn, or, without an id, what a user said in the middle of it. */
export interface TurnEvent {
  readonly eventId?: string;
  readonly msg: EventMsg;
}

/**
 * Puts what users said during a turn between its events. Both lists have the messages that are stored, in one order.
 *
 * @param stored the messages that were stored since the turn began
 */
export function withSaid(events: readonly TurnEvent[], stored: readonly EventMsg[]): TurnEvent[] {
  const rest = [...stored];
  const takeSaid = (): TurnEvent[] => {
    const next = rest.findIndex((msg) => msg.type !== 'user_message');
    return rest.splice(0, next === -1 ? rest.length : next).map((msg) => ({ msg }));
  };
  const merged = events.flatMap((event) => {
    if (!isStored(event.msg)) return [event];
    const said = takeSaid();
    rest.shift();
    return [...said, event];
  });
  return [...merged, ...takeSaid()];
}
