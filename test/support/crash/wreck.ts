import { appendFileSync } from 'node:fs';
import type { Random } from '../soak/random.ts';
import { findRollouts } from './home-files.ts';
import { type Ledger, turnState } from './ledger.ts';
import { type RolloutFile, readRolloutFile } from './rollout-file.ts';

/** What was in the files when the daemon had died, by conversation. */
export type Wreck = ReadonlyMap<string, RolloutFile>;

const TORN = ['{"timestamp":"2026-01-01T00:00:00.000Z","type":"event_m', '\0\0\0\0', '{"a":"\u00e9'] as const;

/** Leaves the files as if the daemon had died in the middle of a write, which a kill alone hardly ever does. */
export function tearEnd(home: string, ledgers: readonly Ledger[], random: Random): void {
  const victim = ledgers.filter((ledger) => turnState(ledger) === 'running').at(random.below(4));
  const [rollout] = victim ? (findRollouts(home).get(victim.id) ?? []) : [];
  if (!rollout) return;
  const bytes = Buffer.from(random.pick(TORN));
  appendFileSync(rollout.path, bytes.subarray(0, 1 + random.below(bytes.length)));
}

/** A move that was under way may have left both names, of one file. */
export function readWreck(home: string, ledgers: readonly Ledger[]): Wreck {
  const found = findRollouts(home);
  return new Map(
    ledgers.flatMap(({ id }) => {
      const [rollout] = found.get(id) ?? [];
      return rollout ? [[id, readRolloutFile(rollout.path)] as const] : [];
    }),
  );
}

/** Begins a new run of the daemon: from here on counts what is on disk now, wherever an unanswered move has put it. */
export function takeStock(home: string, ledger: Ledger): void {
  const [rollout] = findRollouts(home).get(ledger.id) ?? [];
  if (rollout) {
    ledger.path = rollout.path;
    ledger.places = [rollout.place];
  }
  ledger.startRun(rollout ? readRolloutFile(rollout.path).lines : []);
}
