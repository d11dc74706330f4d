import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startModelServer } from '../../../src/demo/model-server.ts';
import type { RecordedRequest } from '../../../src/demo/recording.ts';
import { createRandom, type Random } from '../soak/random.ts';
import { findLeftovers } from '../soak/remains.ts';
import { checkLists } from './check-lists.ts';
import { checkRestart, checkUnknown } from './check-restart.ts';
import { checkRun } from './check-run.ts';
import type { Address, Door } from './door.ts';
import { drive, type Stage } from './driver.ts';
import { followSaid, namesIn, readSaid } from './plan.ts';
import { homeOf, prepareHome, startRealDaemon } from './real-daemon.ts';
import { openRestDoor } from './rest-door.ts';
import { itemTexts, NO_FILE } from './rollout-file.ts';
import { openSocketDoor } from './socket-door.ts';
import { readWreck, takeStock, tearEnd, type Wreck } from './wreck.ts';

export interface RandomKillOptions {
  readonly iterations: number;
  readonly seed: number;
  readonly report?: (line: string) => void;
}

export interface RandomKillResult {
  readonly tally: Stage['tally'];
  /** In words; empty when all is well. */
  readonly faults: readonly string[];
  /** With the home, the log and the ledgers; kept when there are faults. */
  readonly root: string;
}

/** The load goes on for less than this before the daemon is killed. */
const KILL_WITHIN_MS = 3_000;

/** What lives through all iterations. */
interface Trial extends Stage {
  readonly root: string;
  readonly random: Random;
}

/**
 * Again and again: starts the built daemon on the same home, lets four clients use it at full speed, kills it at a random
 * time, and compares what the clients were told with what is in the files, before and after the next start (REL-CR-1).
 * Stops at the first iteration with a fault.
 */
export async function killAtRandom({
  iterations,
  seed,
  report,
}: RandomKillOptions): Promise<RandomKillResult> {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'codexd-crash-')));
  const trial = openTrial(root, seed);
  const { tally } = trial;
  const model = await startModelServer({
    respond: (request) => respond(request, trial),
    keepsRequests: false,
  });
  prepareHome(root, model.url);
  let wreck: Wreck = new Map();
  try {
    for (let iteration = 1; iteration <= iterations && tally.faults.length === 0; iteration++) {
      wreck = await iterate(trial, wreck);
      report?.(`${iteration} of ${iterations}: ${tally.turns} turns, ${tally.resumed} resumed`);
    }
    if (tally.faults.length === 0) await finish(trial, wreck);
  } finally {
    await model.close();
    for (const { pid } of findLeftovers(root, -1)) process.kill(pid, 'SIGKILL');
    if (tally.faults.length === 0) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    else writeFileSync(path.join(root, 'ledgers.json'), JSON.stringify(trial.ledgers, null, 2));
  }
  return { tally, faults: tally.faults, root };
}

function openTrial(root: string, seed: number): Trial {
  let names = 0;
  return {
    root,
    random: createRandom(seed),
    cwd: path.join(root, 'work'),
    tally: { turns: 0, resumed: 0, archived: 0, faults: [] },
    ledgers: [],
    resumable: [],
    newName: () => `text ${++names}`,
  };
}

/** A resumed conversation shows the model everything that the user had said before. */
function respond(request: RecordedRequest, { ledgers, tally }: Trial): ReturnType<typeof followSaid> {
  const id = request.headers.conversation_id;
  const shown = namesIn(request);
  const ledger = ledgers.find((other) => other.id === id);
  for (const text of itemTexts(ledger?.baseline ?? [], 'user')) {
    const name = readSaid(text)?.say;
    if (name !== undefined && !shown.has(name)) tally.faults.push(`${id}: the model is not shown ${name}`);
  }
  return followSaid(request);
}

async function iterate(trial: Trial, before: Wreck): Promise<Wreck> {
  const { random, ledgers, tally, root } = trial;
  const daemon = await startRealDaemon(root);
  const doors = await openDoors(daemon);
  await startRun(trial, before);
  const drivers = doors.map((door) => drive(door, random.fork(), trial));
  await delay(random.below(KILL_WITHIN_MS));
  await daemon.stop('SIGKILL');
  await Promise.all([...drivers, ...doors.map((door) => door.drained())]);
  for (const door of doors) door.close();
  const used = ledgers.filter(({ listeners }) => listeners > 0);
  const records = readWreck(homeOf(root), used);
  tally.faults.push(...used.flatMap((ledger) => checkRun(ledger, records.get(ledger.id) ?? NO_FILE)));
  if (random.chance(0.3)) tearEnd(homeOf(root), used, random);
  return readWreck(homeOf(root), used);
}

/** Every client has its own way in. */
const openDoors = (address: Address): Promise<Door[]> =>
  Promise.all([
    openSocketDoor(address, 'tcp'),
    openSocketDoor(address, 'unix'),
    openRestDoor(address, 'conversation'),
    openRestDoor(address, 'listener'),
  ]);

/** The conversations of the last run are checked as the start has left them, and are what the clients go on with. */
async function startRun({ root, ledgers, resumable, tally }: Trial, before: Wreck): Promise<void> {
  const home = homeOf(root);
  const used = ledgers.filter(({ id }) => before.has(id));
  tally.faults.push(...(await checkRestart(home, used, before)), ...checkUnknown(home, ledgers));
  for (const ledger of ledgers) takeStock(home, ledger);
  resumable.splice(0, resumable.length, ...used);
}

async function finish(trial: Trial, before: Wreck): Promise<void> {
  const { root, tally } = trial;
  const daemon = await startRealDaemon(root);
  await startRun(trial, before);
  tally.faults.push(...(await checkLists(daemon, trial.ledgers)));
  const code = await daemon.stop('SIGTERM');
  if (code !== 0) tally.faults.push(`the last daemon exited with ${code}`);
  const left = findLeftovers(root, daemon.pid).map(({ command }) => `outlives the daemons: ${command}`);
  tally.faults.push(...left);
}
