import type { ModelServer } from '../../../src/demo/model-server.ts';
import {
  checkFiles,
  clearPlace,
  inLanes,
  listOperations,
  makePlace,
  type Place,
  type SweepResult,
  startSweepModel,
} from './bench.ts';
import { checkNextStart } from './check-next-start.ts';
import { type DaemonHost, HostDied, openHost } from './daemon-host.ts';
import { Gone } from './door.ts';
import type { Fault } from './fault.ts';
import { playScenario } from './scenario.ts';
import { openSocketDoor } from './socket-door.ts';

export interface KillSweepOptions {
  /** Every so many operations are tried, from `first` on; 1 is all of them. */
  readonly step: number;
  readonly first: number;
  readonly report?: (line: string) => void;
}

type Kill = Fault & { kind: 'kill' };

const LANES = 2;
const PATIENCE_MS = 1_000;

/** Kills the daemon right before and right after each file operation of a fixed scenario (REL-CR-2). */
export async function killAtOperations({ step, first, report }: KillSweepOptions): Promise<SweepResult> {
  const model = await startSweepModel();
  const faults: string[] = [];
  try {
    const operations = await listOperations(model);
    const kills = operations.flatMap((name, index) => {
      const at = index + 1;
      if (at % step !== first % step) return [];
      return (['before', 'after'] as const).map((moment) => ({
        name,
        fault: { kind: 'kill', at, moment } as Kill,
      }));
    });
    await inLanes(LANES, kills, async ({ name, fault }, host) => {
      const found = await killOnce(model, fault, host);
      faults.push(...found.map((text) => `${fault.moment} ${fault.at} ${name}: ${text}`));
      report?.(
        `${fault.moment} operation ${fault.at} of ${operations.length}, ${name}: ${found.length} faults`,
      );
    });
    return { operations: operations.length, runs: kills.length, faults };
  } finally {
    await model.close();
  }
}

async function killOnce(model: ModelServer, fault: Kill, host: () => DaemonHost): Promise<string[]> {
  const place = makePlace(model, PATIENCE_MS);
  const faults: string[] = [];
  try {
    await playUntilKilled(place, fault);
    faults.push(...checkFiles(place), ...(await checkNextStart(place, host())));
  } catch (error) {
    faults.push(String(error));
  }
  clearPlace(place, faults);
  return faults.map((text) => `${text} (${place.root})`);
}

/** Another run may take an operation less: then it is over before it is killed, which is no fault. */
async function playUntilKilled({ root, course }: Place, fault: Kill): Promise<void> {
  const host = openHost();
  try {
    const door = await openSocketDoor(await host.start(root, fault), 'unix');
    await playScenario(door, course).finally(() => door.close());
    await host.stop();
  } catch (error) {
    if (!(error instanceof HostDied || error instanceof Gone)) throw error;
  } finally {
    host.kill();
    await host.ended;
  }
}
