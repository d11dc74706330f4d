import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type ModelServer, startModelServer } from '../../../src/demo/model-server.ts';
import { findLeftovers } from '../soak/remains.ts';
import { checkRun } from './check-run.ts';
import { checkSettings } from './check-settings.ts';
import { type DaemonHost, openHost } from './daemon-host.ts';
import type { Ledger } from './ledger.ts';
import { followSaid } from './plan.ts';
import { FIRST_MODEL, homeOf, prepareHome } from './real-daemon.ts';
import { NO_FILE } from './rollout-file.ts';
import { type Course, playScenario } from './scenario.ts';
import { openSettingsLedger } from './settings-ledger.ts';
import { openSocketDoor } from './socket-door.ts';
import { readWreck } from './wreck.ts';

/** One run of the scenario on a home of its own. */
export interface Place {
  readonly root: string;
  readonly home: string;
  readonly course: Course;
}

export interface SweepResult {
  /** File operations of the scenario without faults. */
  readonly operations: number;
  readonly runs: number;
  /** In words, each with the operation and the folder that is kept; empty when all is well. */
  readonly faults: readonly string[];
}

export const startSweepModel = (): Promise<ModelServer> =>
  startModelServer({ respond: followSaid, keepsRequests: false });

export function makePlace(model: ModelServer, patienceMs: number): Place {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'codexd-sweep-')));
  const home = prepareHome(root, model.url);
  const settings = openSettingsLedger({ model: FIRST_MODEL, apiKey: undefined });
  return {
    root,
    home,
    course: { cwd: path.join(root, 'work'), ledgers: [], settings, refusals: [], patienceMs },
  };
}

/** Ends what commands have left, and removes the folder if nothing was wrong with it. */
export function clearPlace({ root, course }: Place, faults: readonly string[]): void {
  for (const { pid } of findLeftovers(root, -1)) process.kill(pid, 'SIGKILL');
  if (faults.length === 0) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  else writeFileSync(path.join(root, 'ledgers.json'), JSON.stringify(course.ledgers, null, 2));
}

/** The files of the run that is over, compared with what the client was told. */
export function checkFiles({ home, course: { ledgers, settings } }: Place): string[] {
  const records = readWreck(home, ledgers);
  const lost = ledgers.flatMap((ledger: Ledger) => checkRun(ledger, records.get(ledger.id) ?? NO_FILE));
  return [...lost, ...checkSettings(home, settings)];
}

/** Plays the scenario without faults; the names of the file operations that it takes, in order. */
export async function listOperations(model: ModelServer): Promise<readonly string[]> {
  const place = makePlace(model, 0);
  const host = openHost();
  let faults = ['it did not come to an end'];
  try {
    const door = await openSocketDoor(await host.start(place.root), 'unix');
    await playScenario(door, place.course);
    door.close();
    const { operations } = await host.stop();
    faults = checkFiles(place);
    if (faults.length > 0)
      throw new Error(`without any fault: ${faults.join('; ')}, see ${homeOf(place.root)}`);
    return operations;
  } finally {
    host.kill();
    clearPlace(place, faults);
  }
}

/** Runs tasks in so many lanes, each lane with a host that outlives its tasks. */
export async function inLanes<T>(
  lanes: number,
  items: readonly T[],
  task: (item: T, host: () => DaemonHost) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const lane = async (): Promise<void> => {
    let host: DaemonHost | undefined;
    const open = (): DaemonHost => {
      if (host === undefined) {
        const opened = openHost();
        host = opened;
        void opened.ended.then(() => {
          if (host === opened) host = undefined;
        });
      }
      return host;
    };
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await task(item, open);
    host?.kill();
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
