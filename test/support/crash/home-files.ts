import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Place } from './ledger.ts';

export interface FoundRollout {
  readonly path: string;
  readonly place: Place;
}

const CLOSING_LIMIT_MS = 10_000;
const PLACES: readonly Place[] = ['sessions', 'archived_sessions'];

/** Every rollout of a home by the id in its name. */
export function findRollouts(home: string): Map<string, FoundRollout[]> {
  const found = new Map<string, FoundRollout[]>();
  for (const place of PLACES) {
    for (const file of filesBelow(path.join(home, place))) {
      const [, id] =
        /^rollout-.*-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl$/.exec(path.basename(file)) ?? [];
      if (id !== undefined) found.set(id, [...(found.get(id) ?? []), { path: file, place }]);
    }
  }
  return found;
}

/** Files that are in the folders of rollouts but are none. */
export const findStrays = (home: string): string[] =>
  PLACES.flatMap((place) => filesBelow(path.join(home, place))).filter(
    (file) => !/^rollout-.*\.jsonl$/.test(path.basename(file)),
  );

/** Ends that were cut off from the rollout of that name. */
export const recoveredTails = (home: string, rollout: string): Buffer[] =>
  filesBelow(path.join(home, 'codexd', 'recovered'))
    .filter((file) => path.basename(file).startsWith(path.basename(rollout)))
    .map((file) => readFileSync(file));

export const openTurnNotes = (home: string): string[] => filesBelow(path.join(home, 'codexd', 'open-turns'));

/** Resolves when no note of a running turn is left, or when that takes too long. */
export async function awaitClosings(home: string): Promise<void> {
  const limit = Date.now() + CLOSING_LIMIT_MS;
  while (openTurnNotes(home).length > 0 && Date.now() < limit) await delay(20);
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.join(entry.parentPath, entry.name));
}
