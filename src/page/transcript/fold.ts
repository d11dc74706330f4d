import type { SnapshotUpdate } from '../../client/update.ts';
import type { EventMsg, EventOf, EventType } from '../../protocol/vocabulary/events.ts';
import { callFolds } from './fold-calls.ts';
import { textFolds } from './fold-texts.ts';
import { append, EMPTY, type Notice, type Transcript, type UserMessage } from './transcript.ts';

export type Fold<T extends EventType> = (transcript: Transcript, msg: EventOf<T>) => Transcript;
export type Folds = { readonly [T in EventType]?: Fold<T> };

const folds: Folds = {
  ...textFolds,
  ...callFolds,
  user_message: (transcript, { message, images = [] }) =>
    append(transcript, { kind: 'user', text: message, images }),
  task_started: (transcript) => ({ ...transcript, diff: undefined }),
  task_complete: endTurn,
  turn_aborted: (transcript) => notice(endTurn(transcript), 'warning', 'Interrupted'),
  error: (transcript, { message }) => notice(transcript, 'error', message),
  background_event: (transcript, { message }) => notice(transcript, 'quiet', message),
  token_count: (transcript, { info }) => ({ ...transcript, usage: info ?? transcript.usage }),
  turn_diff: (transcript, { unified_diff: diff }) => ({ ...transcript, diff }),
  entered_review_mode: (transcript, { user_facing_hint: hint }) =>
    notice(transcript, 'quiet', `Review: ${hint}`),
};

/** What the conversation looks like after an event; the same for events as they come and as they were stored. */
export function foldEvent(transcript: Transcript, msg: EventMsg, turnId: string): Transcript {
  // Which fold it is follows from the type, as the table's own type says.
  const fold = folds[msg.type] as ((transcript: Transcript, msg: EventMsg) => Transcript) | undefined;
  const folded = fold?.(transcript, msg) ?? transcript;
  return msg.type === 'task_started' ? { ...folded, turnId } : folded;
}

/** A snapshot stands in for all that was before it. */
export function foldSnapshot({ turn, messages }: SnapshotUpdate['conversation']): Transcript {
  const stored = foldAll(EMPTY, messages, '');
  if (!turn) return stored;
  const events = (turn.events ?? []).map(({ msg }) => msg);
  return { ...foldAll(stored, events, turn.id), turnId: turn.id };
}

/** The daemon has checked their shapes; types that are not known here have no fold. */
function foldAll(start: Transcript, messages: readonly { type: string }[], turnId: string): Transcript {
  return messages.reduce((transcript, msg) => foldEvent(transcript, msg as EventMsg, turnId), start);
}

/** A message of this page, which is not among the events. */
export const foldSaid = (transcript: Transcript, said: Omit<UserMessage, 'kind'>): Transcript =>
  append(transcript, { kind: 'user', ...said });

/** Whether the message that begins a turn is missing: another client's messages are not among the events. */
export function lacksMessage({ items }: Transcript): boolean {
  return items.findLast(({ kind }) => kind !== 'notice')?.kind !== 'user';
}

function endTurn(transcript: Transcript): Transcript {
  const closed = transcript.items.map((item) =>
    'isOpen' in item && item.isOpen ? { ...item, isOpen: false } : item,
  );
  const ended = { ...transcript, items: closed, turnId: undefined, diff: undefined };
  const { diff } = transcript;
  return diff ? append(ended, { kind: 'diff', text: diff }) : ended;
}

const notice = (transcript: Transcript, tone: Notice['tone'], text: string): Transcript =>
  append(transcript, { kind: 'notice', tone, text });
