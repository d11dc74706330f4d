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
import { type DaemonHost, HostDied } from './daemon-host.ts';
import type { Address, Refusal } from './door.ts';
import { type ErrorCode, type Fault, isRefusable } from './fault.ts';
import { awaitClosings } from './home-files.ts';
import type { Msg } from './ledger.ts';
import { playScenario } from './scenario.ts';
import { openSocketDoor } from './socket-door.ts';

export interface ErrorSweepOptions {
  /** Every so many of the errors are tried, from `first` on; 1 is all of them. */
  readonly step: number;
  readonly first: number;
  readonly report?: (line: string) => void;
}

type Failure = Fault & { kind: 'error' };

const LANES = 4;
/** A daemon whose disk works again has to work within this time. */
const RECOVERY_MS = 10_000;
const CODES: readonly ErrorCode[] = ['ENOSPC', 'EIO', 'EACCES'];
/** Once, and for a while. */
const DURATIONS_MS = [0, 300] as const;

/** What a client is told of each error. */
const ANSWERS: Readonly<Record<ErrorCode, { reason: string; code: number }>> = {
  ENOSPC: { reason: 'storage_full', code: -32001 },
  EACCES: { reason: 'storage_unwritable', code: -32001 },
  EIO: { reason: 'storage_error', code: -32603 },
};

/** Lets each file operation of a fixed scenario fail, once and for a while (REL-CR-5). */
export async function failOperations({ step, first, report }: ErrorSweepOptions): Promise<SweepResult> {
  const model = await startSweepModel();
  const faults: string[] = [];
  try {
    const operations = await listOperations(model);
    const failures = allFailures(operations).filter((_, index) => index % step === first % step);
    await inLanes(LANES, failures, async (failure, host) => {
      const found = await failOnce(model, failure, host);
      const { code, at, lastsMs } = failure;
      const what = `${code} for ${lastsMs} ms at ${at} ${operations[at - 1]}`;
      faults.push(...found.map((text) => `${what}: ${text}`));
      report?.(`${what}: ${found.length} faults`);
    });
    return { operations: operations.length, runs: failures.length, faults };
  } finally {
    await model.close();
  }
}

const allFailures = (operations: readonly string[]): Failure[] =>
  operations.flatMap((name, index) =>
    CODES.filter((code) => isRefusable(code, name)).flatMap((code) =>
      DURATIONS_MS.map((lastsMs): Failure => ({ kind: 'error', at: index + 1, code, lastsMs })),
    ),
  );

async function failOnce(model: ModelServer, failure: Failure, host: () => DaemonHost): Promise<string[]> {
  const place = makePlace(model, RECOVERY_MS);
  const faults: string[] = [];
  try {
    faults.push(...(await play(place, failure, host())));
    faults.push(...(await checkNextStart(place, host())));
  } catch (error) {
    faults.push(error instanceof HostDied ? `the daemon crashed: ${error.message}` : String(error));
    await replace(host());
  }
  clearPlace(place, faults);
  return faults.map((text) => `${text} (${place.root})`);
}

/** What a daemon that failed still holds is nothing for the next one. */
async function replace(host: DaemonHost): Promise<void> {
  host.kill();
  await host.ended;
}

async function play(place: Place, failure: Failure, host: DaemonHost): Promise<string[]> {
  const { course } = place;
  const door = await openSocketDoor(await startAnyway(place, failure, host), 'unix');
  await playScenario(door, course);
  door.close();
  // What could not be tidied up at once is tidied up later.
  await awaitClosings(place.home);
  const { open } = await host.stop();
  return [
    ...open.map((file) => `${file} is left open`),
    ...checkFiles(place),
    ...course.refusals.flatMap((refusal) => checkRefusal(refusal, failure)),
    ...course.ledgers.flatMap(({ entries }) =>
      entries.flatMap((entry) => (entry.kind === 'event' ? checkEnd(entry.msg) : [])),
    ),
  ];
}

/** A daemon may refuse to start on a broken disk, but says why, and starts when the disk works. */
async function startAnyway({ root }: Place, failure: Failure, host: DaemonHost): Promise<Address> {
  try {
    return await host.start(root, failure);
  } catch (error) {
    if (error instanceof HostDied || !String(error).includes(failure.code)) throw error;
    return host.start(root);
  }
}

function checkRefusal({ reason, code, message }: Refusal, failure: Failure): string[] {
  const expected = ANSWERS[failure.code];
  if (reason === expected.reason && code === expected.code) return [];
  return [`a client was told ${code} ${reason}, ${message}`];
}

/** Turns wait for a disk that does not work for a moment. */
function checkEnd({ type, message }: Msg): string[] {
  return type === 'error' || type === 'turn_aborted' ? [`a turn came to ${type} ${message ?? ''}`] : [];
}
