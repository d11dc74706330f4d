import type { EventMsg, EventOf } from '../../protocol/vocabulary/events.ts';
import type { SessionMeta } from '../../protocol/vocabulary/rollout.ts';
import { isInjected } from './preview.ts';

/** The last release that says of each user message of what kind it is. */
const LAST_WITH_KINDS = 36;

/** True for conversations that a release after 0.36 began; false for versions that we cannot read. */
export function isByLaterRelease({ cli_version }: SessionMeta): boolean {
  const [, major, minor] = /^(\d{1,9})\.(\d{1,9})\b/.exec(cli_version) ?? [];
  return Number(major) > 0 || Number(minor) > LAST_WITH_KINDS;
}

/** Gives a message without a kind the one that it has by its text: later releases write what programs put in as well. */
export function withKind(message: EventOf<'user_message'>): EventOf<'user_message'> {
  return message.kind === undefined && !isInjected(message.message) ? { ...message, kind: 'plain' } : message;
}

export const isUserMessage = (msg: EventMsg): msg is EventOf<'user_message'> => msg.type === 'user_message';
