import { spawnSync } from 'node:child_process';
import type { ModelServer } from '../../../src/demo/model-server.ts';
import { createRandom } from '../soak/random.ts';
import { clearPlace, inLanes, makePlace, type Place, type SweepResult, startSweepModel } from './bench.ts';
import { checkNextStart } from './check-next-start.ts';
import { type DaemonHost, HostDied, openHost } from './daemon-host.ts';
import { Gone } from './door.ts';
import type { Fault } from './fault.ts';
import { awaitClosings, moveNote, openTurnNotes } from './home-files.ts';
import type { KillSweepOptions } from './kill-sweep.ts';
import { openLedger } from './ledger.ts';
import { playUntilMove } from './scenario.ts';
import { openSocketDoor } from './socket-door.ts';
import { tearEnd } from './wreck.ts';

const LANES = 2;
const PATIENCE_MS = 1_000;

/**
 * Kills the daemon at each file operation of a start that finds a turn that was cut off, with a torn end, and a move that
 * was not finished (REL-CR-2). Every such start begins with a copy of the same wreck.
 */
export async function killDuringRecovery({ step, first, report }: KillSweepOptions): Promise<SweepResult> {
  const model = await startSweepModel();
  const faults: string[] = [];
  const wreck = makePlace(model, PATIENCE_MS);
  try {
    await makeWreck(wreck);
    const operations = await listRecovery(model, wreck);
    const kills = operations.map((name, index) => ({ name, at: index + 1 }));
    const chosen = kills.filter(({ at }) => at % step === first % step);
    await inLanes(LANES, chosen, async ({ name, at }, host) => {
      const found = await killOnce(model, wreck, { kind: 'kill', at, moment: 'after' }, host);
      faults.push(...found.map((text) => `recovery, after ${at} ${name}: ${text}`));
      report?.(`recovery, after operation ${at} of ${operations.length}, ${name}: ${found.length} faults`);
    });
    return { operations: operations.length, runs: chosen.length, faults };
  } finally {
    clearPlace(wreck, []);
    await model.close();
  }
}

async function makeWreck({ root, home, course }: Place): Promise<void> {
  const host = openHost();
  try {
    const address = await host.start(root, { kind: 'kill', at: 'renameSync', moment: 'before' });
    await playUntilMove(await openSocketDoor(address, 'unix'), course);
    throw new Error('the daemon was not killed on the way to the archive');
  } catch (error) {
    if (!(error instanceof Gone)) throw error;
  } finally {
    host.kill();
    await host.ended;
  }
  tearEnd(home, course.ledgers, createRandom(1));
}

/** The same files in another place, and what the clients know of them. */
function copyWreck(model: ModelServer, wreck: Place): Place {
  const copy = makePlace(model, PATIENCE_MS);
  // A move that is not finished is two names of one file, which `cpSync` would make two files.
  spawnSync('cp', ['-a', `${wreck.home}/.`, copy.home]);
  for (const note of openTurnNotes(copy.home)) moveNote(note, wreck.root, copy.root);
  for (const known of wreck.course.ledgers) {
    const ledger = openLedger(known.id, known.path.replace(wreck.root, copy.root));
    ledger.places = known.places;
    ledger.listeners = known.listeners;
    for (const entry of known.entries) ledger.note(entry);
    copy.course.ledgers.push(ledger);
  }
  return copy;
}

async function listRecovery(model: ModelServer, wreck: Place): Promise<readonly string[]> {
  const place = copyWreck(model, wreck);
  const host = openHost();
  try {
    await host.start(place.root);
    await awaitClosings(place.home);
    return (await host.stop()).operations;
  } finally {
    host.kill();
    clearPlace(place, []);
  }
}

async function killOnce(
  model: ModelServer,
  wreck: Place,
  fault: Fault,
  host: () => DaemonHost,
): Promise<string[]> {
  const place = copyWreck(model, wreck);
  const faults: string[] = [];
  try {
    await startUntilKilled(place, fault);
    faults.push(...(await checkNextStart(place, host(), wreck.home)));
  } catch (error) {
    faults.push(String(error));
  }
  clearPlace(place, faults);
  return faults.map((text) => `${text} (${place.root})`);
}

async function startUntilKilled({ root, home }: Place, fault: Fault): Promise<void> {
  const host = openHost();
  try {
    await host.start(root, fault);
    await Promise.race([awaitClosings(home), host.ended]);
    await host.stop();
  } catch (error) {
    if (!(error instanceof HostDied)) throw error;
  } finally {
    host.kill();
    await host.ended;
  }
}
