import { EventEmitter, once } from 'node:events';
import { now } from './disk-record.ts';
import { readSaid } from './plan.ts';
import type { StoredLine } from './rollout-file.ts';

export type Place = 'sessions' | 'archived_sessions';

export interface Msg {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** What one client did or was told, in the order in which it happened there, and which listener it had at that time. */
export type Entry =
  | { readonly kind: 'asked' | 'acknowledged' | 'refused'; readonly listener: number; readonly text: string }
  | { readonly kind: 'event'; readonly listener: number; readonly turn: string; readonly msg: Msg };

export type DatedEntry = Entry & { readonly at: number };

/** Where the file may be, since when. */
export interface Stay {
  readonly at: number;
  readonly places: readonly Place[];
}

/** What the clients know of one conversation. The entries are those since the daemon was started. */
export interface Ledger {
  readonly id: string;
  /** As the daemon said last. */
  path: string;
  /** More than one while a move is not answered. */
  places: readonly Place[];
  /** Answers and events come over one connection, so that their order says something. */
  ordered: boolean;
  readonly entries: readonly DatedEntry[];
  /** All places so far, in order. */
  readonly stays: readonly Stay[];
  /** What the file held when the daemon was started. */
  readonly baseline: readonly StoredLine[];
  /** How many listeners there have been in this run; each loading has one. */
  listeners: number;
  note(entry: Entry): void;
  /** Resolves with the next entry. */
  next(signal: AbortSignal): Promise<void>;
  startRun(lines: readonly StoredLine[]): void;
}

export function openLedger(id: string, path: string): Ledger {
  const news = new EventEmitter();
  let entries: DatedEntry[] = [];
  const stays: Stay[] = [{ at: now(), places: ['sessions'] }];
  let baseline: readonly StoredLine[] = [];
  return {
    id,
    path,
    ordered: true,
    listeners: 0,
    stays,
    get places() {
      return stays.at(-1)?.places ?? [];
    },
    set places(places) {
      stays.push({ at: now(), places });
    },
    get entries() {
      return entries;
    },
    get baseline() {
      return baseline;
    },
    note(entry) {
      entries.push({ ...entry, at: now() });
      news.emit('entry');
    },
    async next(signal) {
      await once(news, 'entry', { signal });
    },
    startRun(lines) {
      entries = [];
      baseline = lines;
      this.listeners = 0;
      this.ordered = true;
    },
  };
}

export const textsOf = (entries: readonly Entry[], kind: 'asked' | 'acknowledged' | 'refused'): string[] =>
  entries.flatMap((entry) => (entry.kind === kind ? [entry.text] : []));

/** Events that a listener was given, in order. */
export const heardBy = (ledger: Ledger, listener: number): Msg[] =>
  ledger.entries.flatMap((entry) =>
    entry.kind === 'event' && entry.listener === listener ? [entry.msg] : [],
  );

/** `unclear` where the order of two connections does not tell. */
export type TurnState = 'idle' | 'running' | 'unclear';

const ENDS: ReadonlySet<string> = new Set(['task_complete', 'turn_aborted']);

/** What a client can tell of the turns from what it was told. */
export function turnState({ entries, ordered }: Pick<Ledger, 'entries' | 'ordered'>): TurnState {
  let state: TurnState = 'idle';
  let open: string[] = [];
  let listener = 0;
  for (const entry of entries) {
    // A listener that there was before may be late.
    if (entry.listener < listener) continue;
    if (entry.kind === 'acknowledged') {
      open.push(entry.text);
      listener = entry.listener;
      state = 'running';
    } else if (entry.kind === 'event' && entry.msg.type === 'task_started') state = 'running';
    else if (entry.kind === 'event' && ENDS.has(entry.msg.type)) {
      const isOver = ordered || open.length < 2 || endsInput(entry.msg, open.at(-1));
      state = isOver ? 'idle' : 'unclear';
      if (isOver) open = [];
    }
  }
  return state;
}

const endsInput = (msg: Msg, text: string | undefined): boolean =>
  text !== undefined && msg.last_agent_message === finalText(text);

/** The last message of the turn that carries an input out. */
export const finalText = (text: string): string => `end of ${readSaid(text)?.say}`;

/** Inputs whose fate the client does not know. */
export function unanswered({ entries }: Pick<Ledger, 'entries'>): string[] {
  const answered = new Set([...textsOf(entries, 'acknowledged'), ...textsOf(entries, 'refused')]);
  return textsOf(entries, 'asked').filter((text) => !answered.has(text));
}
