import { readFileSync } from 'node:fs';
import { checkKept, isStored } from './check-run.ts';
import { awaitClosings, findRollouts, openTurnNotes, recoveredTails } from './home-files.ts';
import { finalText, type Ledger, type Msg, textsOf, turnState, unanswered } from './ledger.ts';
import {
  eventsOf,
  itemTexts,
  NO_FILE,
  type RolloutFile,
  readRolloutFile,
  type StoredLine,
} from './rollout-file.ts';
import type { Wreck } from './wreck.ts';

/** How many `turn_aborted` lines the next start may add. */
interface Closings {
  readonly min: number;
  readonly max: number;
}

/** In words, what is wrong with the files of a home once a daemon has started on it again, before anybody uses it. */
export async function checkRestart(
  home: string,
  ledgers: readonly Ledger[],
  wreck: Wreck,
): Promise<string[]> {
  await awaitClosings(home);
  const notes = openTurnNotes(home).map((note) => `a note of an open turn is left: ${note}`);
  return [...notes, ...ledgers.flatMap((ledger) => checkConversation(home, ledger, wreck.get(ledger.id)))];
}

function checkConversation(home: string, ledger: Ledger, before: RolloutFile = NO_FILE): string[] {
  const found = findRollouts(home).get(ledger.id) ?? [];
  const [rollout, ...others] = found;
  const where = found.map(({ path }) => path).join(', ');
  if (!rollout || others.length > 0) return [`${ledger.id} is in ${found.length} places: ${where}`];
  if (!ledger.places.includes(rollout.place)) return [`${ledger.id} is in the wrong place: ${where}`];
  const after = readRolloutFile(rollout.path);
  const faults = [
    ...after.faults.filter((fault) => !before.faults.includes(fault)),
    ...checkKept(before.lines, after),
    ...checkTail(home, rollout.path, before, after),
    ...checkClosings(ledger, before, after),
  ];
  return faults.map((fault) => `${ledger.id}: ${fault}`);
}

/** A torn end is still there, as no one has written since, or it was cut off and kept, or its line end was missing. */
function checkTail(home: string, path: string, before: RolloutFile, after: RolloutFile): string[] {
  if (before.tail.length === 0 || after.tail.equals(before.tail)) return [];
  const isKept = recoveredTails(home, path).some((bytes) => bytes.equals(before.tail));
  const isCompleted = after.lines[before.lines.length]?.text === before.tail.toString();
  return isKept || isCompleted ? [] : [`lost a torn end of ${before.tail.length} bytes`];
}

function checkClosings(ledger: Ledger, before: RolloutFile, after: RolloutFile): string[] {
  const added = after.lines.slice(before.lines.length).filter(({ text }) => text !== before.tail.toString());
  const closings = added.filter(isClosing).length;
  const { min, max } = expectedClosings(ledger, before.lines.slice(ledger.baseline.length));
  const faults = added.length > closings ? [`the start added ${added.map(({ text }) => text).join()}`] : [];
  if (closings < min) faults.push('a turn that was cut off is not closed');
  if (closings > max) faults.push(`${closings} turns were closed, ${max} expected`);
  if (min > 0 && after.tail.length > 0) faults.push('a torn end is not repaired');
  return faults;
}

const isClosing = ({ type, payload }: StoredLine): boolean =>
  type === 'event_msg' && payload.type === 'turn_aborted';

function expectedClosings(ledger: Ledger, lines: readonly StoredLine[]): Closings {
  const state = turnState(ledger);
  const maybe = unanswered(ledger).length > 0 ? 1 : 0;
  if (state === 'idle') return { min: 0, max: maybe };
  if (state === 'unclear') return { min: 0, max: 1 };
  if (unheard(ledger, lines).some(({ type }) => type === 'turn_aborted')) return { min: 0, max: maybe };
  const last = textsOf(ledger.entries, 'acknowledged').at(-1);
  const isThrough = last !== undefined && itemTexts(lines, 'assistant').includes(finalText(last));
  return { min: isThrough || maybe ? 0 : 1, max: 1 };
}

/** Events in the file that the client was not told of any more. */
function unheard(ledger: Ledger, lines: readonly StoredLine[]): Msg[] {
  const stored = eventsOf(lines).filter(({ type }) => type !== 'user_message') as Msg[];
  const heard = ledger.entries.filter((entry) => entry.kind === 'event' && isStored(entry.msg)).length;
  return stored.slice(heard);
}

/** Files of conversations that no client knows of; nobody can have said anything there. */
export function checkUnknown(home: string, ledgers: readonly Ledger[]): string[] {
  const known = new Set(ledgers.map(({ id }) => id));
  return [...findRollouts(home)].flatMap(([id, found]) => {
    if (known.has(id)) return [];
    const texts = found.map(({ path }) => readFileSync(path, 'utf8'));
    return texts.some((text) => text.includes('"user_message"'))
      ? [`nobody knows ${id}, but it has input`]
      : [];
  });
}
