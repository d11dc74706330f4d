import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { ModelServer } from '../../../src/demo/model-server.ts';
import { createRandom } from '../soak/random.ts';
import {
  checkFiles,
  clearPlace,
  inLanes,
  makePlace,
  type Place,
  type SweepResult,
  startSweepModel,
} from './bench.ts';
import { checkImage } from './check-image.ts';
import { type DaemonHost, HostDied, openHost } from './daemon-host.ts';
import { type DiskImage, takeImage, writeImage } from './disk-image.ts';
import { DiskModel } from './disk-model.ts';
import type { DiskEntry } from './disk-record.ts';
import { moveNote, openTurnNotes } from './home-files.ts';
import { allCuts, type Cut, ledgersAt } from './power-moments.ts';
import { playScenario } from './scenario.ts';
import { openSocketDoor } from './socket-door.ts';

export interface PowerSweepOptions {
  /** Every so many of the moments are tried, from `first` on; 1 is all of them. */
  readonly step: number;
  readonly first: number;
  /** Of what is left of that which was not synced. */
  readonly seed: number;
  /** Whether every promise is tried, also between the steps. */
  readonly triesPromises?: boolean;
  readonly report?: (line: string) => void;
}

const LANES = 2;
const PATIENCE_MS = 1_000;

/** A run that nothing went wrong with, and what happened to the disk meanwhile. */
interface Recording {
  readonly place: Place;
  /** The home before the daemon was started on it. */
  readonly origin: string;
  readonly record: readonly DiskEntry[];
}

interface Case extends Cut {
  readonly image: DiskImage;
}

/**
 * Cuts the power at the moments of a fixed scenario and starts the daemon on what may be on the disk then: without what
 * was not synced, or with parts of it (REL-CR-4).
 */
export async function cutPower(options: PowerSweepOptions): Promise<SweepResult> {
  const model = await startSweepModel();
  const faults: string[] = [];
  const recording = await recordScenario(model);
  try {
    const cases = chooseCases(recording, options);
    await inLanes(LANES, cases, async (chosen, host) => {
      const found = await tryImage(model, recording.place, chosen, host);
      const what = describe(recording, chosen);
      faults.push(...found.map((text) => `${what}: ${text}`));
      options.report?.(`${what}: ${found.length} faults`);
    });
    return { operations: recording.record.length, runs: cases.length, faults };
  } finally {
    clearPlace(recording.place, []);
    await model.close();
  }
}

async function recordScenario(model: ModelServer): Promise<Recording> {
  const place = makePlace(model, 0);
  const origin = path.join(place.root, 'origin');
  cpSync(place.home, origin, { recursive: true });
  const host = openHost();
  try {
    const door = await openSocketDoor(
      await host.start(place.root, { kind: 'none', isRecorded: true }),
      'unix',
    );
    await playScenario(door, place.course);
    door.close();
    const { record } = await host.stop();
    const faults = checkFiles(place);
    if (faults.length > 0) throw new Error(`without any fault: ${faults.join('; ')}`);
    return { place, origin, record };
  } finally {
    host.kill();
  }
}

function chooseCases({ place, origin, record }: Recording, options: PowerSweepOptions): Case[] {
  const { step, first, seed, triesPromises = false } = options;
  const disk = new DiskModel(place.home, origin);
  const rest = [...record];
  const random = createRandom(seed);
  return allCuts(record, place.course).flatMap((cut) => {
    while (rest[0] !== undefined && rest[0].at <= cut.at) disk.apply(rest.shift() as DiskEntry);
    const chance = random.fork();
    const isChosen =
      cut.moment % step === first % step || (triesPromises && cut.isPromise && cut.loss === 'nothing');
    return isChosen ? [{ ...cut, image: takeImage(disk, cut.loss, chance) }] : [];
  });
}

function describe({ record }: Recording, { at, loss, isPromise }: Cut): string {
  const done = record.filter((entry) => entry.at <= at);
  const last = done.at(-1);
  const path = last && 'path' in last ? last.path : '';
  const when = `${isPromise ? 'a promise ' : ''}after entry ${done.length} of ${record.length}, ${last?.kind} ${path}`;
  return `the power fails ${when}, ${loss} of the rest is kept`;
}

async function tryImage(
  model: ModelServer,
  original: Place,
  { image, at }: Case,
  host: () => DaemonHost,
): Promise<string[]> {
  const place = placeWith(model, original, image, at);
  const faults: string[] = [];
  try {
    faults.push(...(await checkImage(place, host(), at)));
  } catch (error) {
    faults.push(error instanceof HostDied ? `the daemon crashed: ${error.message}` : String(error));
    host().kill();
    await host().ended;
  }
  clearPlace(place, faults);
  return faults.map((text) => `${text} (${place.root})`);
}

function placeWith(model: ModelServer, original: Place, image: DiskImage, at: number): Place {
  const made = makePlace(model, PATIENCE_MS);
  rmSync(made.home, { recursive: true });
  mkdirSync(made.home, { mode: 0o700 });
  writeImage(image, made.home);
  for (const note of openTurnNotes(made.home)) moveNote(note, original.root, made.root);
  const { ledgers, settings } = original.course;
  return { ...made, course: { ...made.course, ledgers: ledgersAt(ledgers, at), settings } };
}
