import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Place } from './bench.ts';
import { checkLists } from './check-lists.ts';
import { checkRestart, checkUnknown } from './check-restart.ts';
import { checkRun } from './check-run.ts';
import { checkSettings } from './check-settings.ts';
import type { DaemonHost } from './daemon-host.ts';
import { awaitClosings, findRollouts, findStrays } from './home-files.ts';
import type { Ledger } from './ledger.ts';
import { promised } from './power-moments.ts';
import { NO_FILE, type RolloutFile } from './rollout-file.ts';
import { useAgain } from './scenario.ts';
import { openSocketDoor } from './socket-door.ts';
import { readWreck, takeStock, type Wreck } from './wreck.ts';

/**
 * In words, what was lost of what the clients were promised before the power failed, and what daemons make wrong of the
 * rest: the first one that starts on it, and the second, for which nothing is left to do.
 * @param place with the ledgers as they were when the power failed
 * @param at that moment
 */
export async function checkImage(place: Place, host: DaemonHost, at: number): Promise<string[]> {
  const { root, home, course } = place;
  const { ledgers, settings } = course;
  const wreck = readWreck(home, ledgers);
  const faults = [...checkPromises(home, ledgers, wreck), ...checkSettings(home, settings, at)];
  const address = await host.start(root);
  faults.push(...(await checkRestart(home, ledgers, wreck)), ...checkUnknown(home, ledgers));
  faults.push(...findStrays(home).map((stray) => `${stray} is left`));
  for (const ledger of ledgers) takeStock(home, ledger);
  faults.push(...(await checkLists(address, ledgers)));
  await host.stop();
  const stored = listStored(home);
  const again = await host.start(root);
  await awaitClosings(home);
  faults.push(...changesBetween(stored, listStored(home)), ...checkSettings(home, settings, at));
  const door = await openSocketDoor(again, 'unix');
  for (const ledger of ledgers) await useAgain(door, ledger, course);
  door.close();
  await host.stop();
  return [...faults, ...checkUse(home, ledgers, wreck)];
}

function checkPromises(home: string, ledgers: readonly Ledger[], wreck: Wreck): string[] {
  const found = findRollouts(home);
  return ledgers.flatMap((ledger) => {
    const file = wreck.get(ledger.id);
    if (file?.lines[0]?.type !== 'session_meta') return [`${ledger.id}: lost the file of the conversation`];
    const places = (found.get(ledger.id) ?? []).map(({ place }) => place);
    const isThere = places.some((place) => ledger.places.includes(place));
    const misplaced = isThere ? [] : [`${ledger.id}: is only in ${places.join()}`];
    return [...misplaced, ...checkRun(promised(ledger), { ...file, faults: [] })];
  });
}

/** The lines that the power cut has damaged stay as they are. */
function checkUse(home: string, ledgers: readonly Ledger[], wreck: Wreck): string[] {
  const now = readWreck(home, ledgers);
  return ledgers.flatMap((ledger) => {
    const known = wreck.get(ledger.id)?.faults ?? [];
    const file: RolloutFile = now.get(ledger.id) ?? NO_FILE;
    return checkRun(ledger, { ...file, faults: file.faults.filter((fault) => !known.includes(fault)) });
  });
}

const STORED = ['sessions', 'archived_sessions', 'codexd/recovered', 'auth.json', 'config.toml'];

/** Everything that is kept for good, with its content. */
function listStored(home: string): ReadonlyMap<string, string> {
  const files = STORED.map((name) => path.join(home, name)).flatMap(filesIn);
  return new Map(files.map((file) => [file, readFileSync(file, 'latin1')]));
}

function filesIn(place: string): string[] {
  if (!existsSync(place)) return [];
  if (path.extname(place) !== '') return [place];
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function changesBetween(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `a second start changed ${name}`);
}
