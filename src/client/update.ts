import type { Result } from '../protocol/registry.ts';
import type { EventMsg } from '../protocol/vocabulary/events.ts';

/** An event of a conversation. */
export interface EventUpdate {
  readonly kind: 'event';
  readonly eventId: string;
  /** Id of the turn that it belongs to; `""` outside of turns. */
  readonly turnId: string;
  readonly msg: EventMsg;
}

/** The conversation as a whole, in place of all events up to its `lastEventId`. */
export interface SnapshotUpdate {
  readonly kind: 'snapshot';
  readonly conversation: Result<'getConversation'>;
}

/** What a listener gets: every event once and in order, and a snapshot where events are missing before it. */
export type Update = EventUpdate | SnapshotUpdate;
