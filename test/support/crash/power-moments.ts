import type { Loss } from './disk-image.ts';
import type { DiskEntry } from './disk-record.ts';
import type { DatedEntry, Ledger } from './ledger.ts';
import { openLedger } from './ledger.ts';
import type { Course } from './scenario.ts';

/** A moment at which the power fails, and what is lost then. */
export interface Cut {
  /** Its number, from 0. */
  readonly moment: number;
  readonly at: number;
  readonly loss: Loss;
  /** Somebody has just been told that something is safe. */
  readonly isPromise: boolean;
}

/** Every change of the disk and every promise to a client, each with the two kinds of loss, in order. */
export function allCuts(record: readonly DiskEntry[], course: Course): Cut[] {
  const changes = record.filter(({ kind }) => kind !== 'open').map(({ at }) => ({ at, isPromise: false }));
  const promises = promisesIn(course).map((at) => ({ at, isPromise: true }));
  return [...changes, ...promises]
    .toSorted((a, b) => a.at - b.at)
    .flatMap((cut, moment) => (['nothing', 'some'] as const).map((loss) => ({ ...cut, moment, loss })));
}

function promisesIn({ ledgers, settings }: Course): number[] {
  const told = ledgers.flatMap(({ entries, stays }) => [...entries.filter(isPromise), ...stays]);
  return [...told.map(({ at }) => at), ...settings.promises];
}

/** An accepted input, or the end of a turn (reliability, REL-WR-2). */
const isPromise = (entry: DatedEntry): boolean =>
  entry.kind === 'acknowledged' ||
  (entry.kind === 'event' && ['task_complete', 'turn_aborted'].includes(entry.msg.type));

/** What the clients knew at that moment. */
export function ledgersAt(ledgers: readonly Ledger[], at: number): Ledger[] {
  return ledgers
    .filter(({ stays: [first] }) => first !== undefined && first.at <= at)
    .map((ledger) => {
      const places = ledger.stays.findLast((stay) => stay.at <= at)?.places;
      const entries = ledger.entries.filter((entry) => entry.at <= at);
      return ledgerWith(ledger, places ?? [], entries);
    });
}

/** Without what came after the last promise: nobody has said that those records are safe. */
export function promised(ledger: Ledger): Ledger {
  const end = ledger.entries.findLastIndex(isPromise) + 1;
  return ledgerWith(ledger, ledger.places, ledger.entries.slice(0, end));
}

function ledgerWith({ id, path }: Ledger, places: Ledger['places'], entries: readonly DatedEntry[]): Ledger {
  const copy = openLedger(id, path);
  copy.places = places;
  copy.listeners = Math.max(0, ...entries.map(({ listener }) => listener));
  for (const entry of entries) copy.note(entry);
  return copy;
}
