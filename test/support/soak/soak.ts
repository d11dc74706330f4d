import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type ModelServer, startModelServer } from '../../../src/demo/model-server.ts';
import { residentBytes } from '../system-processes.ts';
import { runActor, type Stage, type Tally } from './actor.ts';
import { type Client, openClient } from './client.ts';
import { type SoakDaemon, startSoakDaemon } from './daemon.ts';
import { followPlan } from './plan.ts';
import { createRandom, type Random } from './random.ts';
import { countDescriptors, findLeftovers } from './remains.ts';
import { compareRests, describeRest, type Rest } from './rests.ts';
import { runWatcher } from './watcher.ts';

export interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
  readonly actors?: number;
  readonly watchers?: number;
  readonly report?: (line: string) => void;
}

export interface SoakResult {
  readonly tally: Tally;
  /** Before the first round, and after each. */
  readonly rests: readonly Rest[];
  /** In words; empty when all is well. */
  readonly faults: readonly string[];
  /** With the home of the daemon; kept when there are faults. */
  readonly root: string;
}

const ROUND_SECONDS = 30;

/**
 * Uses the built daemon at random, in rounds of at most 30 s. After each round every conversation has been archived and
 * every client is gone, so what the daemon then still holds can be compared from round to round.
 */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'codexd-soak-')));
  const tally: Tally = { conversations: 0, turns: 0, interrupts: 0, approvals: 0, faults: [] };
  const model = await startModelServer({ respond: followPlan });
  const daemon = await startSoakDaemon(root, model.url);
  try {
    const rests = await playRounds({ address: daemon, root, tally }, daemon, model, options);
    tally.faults.push(...compareRests(rests), ...(await stop(daemon, root)));
    return { tally, rests, faults: tally.faults, root };
  } finally {
    daemon.kill();
    for (const { pid } of findLeftovers(root, daemon.pid)) process.kill(pid, 'SIGKILL');
    if (tally.faults.length === 0) rmSync(root, { recursive: true, force: true });
    else writeFileSync(path.join(root, 'log.json'), JSON.stringify(daemon.log, null, 2));
  }
}

async function playRounds(
  stage: Pick<Stage, 'address' | 'root' | 'tally'>,
  daemon: SoakDaemon,
  firstModel: ModelServer,
  options: SoakOptions,
): Promise<Rest[]> {
  const { seconds, seed, report = () => {} } = options;
  const random = createRandom(seed);
  const rounds = Math.max(2, Math.ceil(seconds / ROUND_SECONDS));
  const control = await openClient(daemon, () => {});
  const rests = [await rest(daemon, control)];
  let model = firstModel;
  try {
    for (let round = 1; round <= rounds; round++) {
      await playRound({ ...stage, live: new Set() }, seconds / rounds, random, options);
      model = await renew(model);
      stage.tally.faults.push(...(await findFaults(daemon, control, stage.root)));
      const now = await rest(daemon, control);
      rests.push(now);
      report(`round ${round} of ${rounds}: ${stage.tally.turns} turns; ${describeRest(now)}`);
    }
  } finally {
    await control.close();
    await model.close();
  }
  return rests;
}

async function playRound(
  stage: Omit<Stage, 'stopping'>,
  seconds: number,
  random: Random,
  { actors = 8, watchers = 4 }: SoakOptions,
): Promise<void> {
  const stopping = AbortSignal.timeout(Math.round(seconds * 1000));
  const whole = { ...stage, stopping };
  mkdirSync(path.join(stage.root, 'work'), { recursive: true });
  const ends = await Promise.allSettled([
    ...Array.from({ length: actors }, (_, index) => runActor(`actor${index}`, random.fork(), whole)),
    ...Array.from({ length: watchers }, () => runWatcher(random.fork(), whole)),
  ]);
  for (const end of ends) if (end.status === 'rejected') stage.tally.faults.push(`broke off: ${end.reason}`);
}

/** The server keeps every request it has ever got. */
async function renew(model: ModelServer): Promise<ModelServer> {
  await model.close();
  return startModelServer({ respond: followPlan, port: model.port });
}

async function findFaults(daemon: SoakDaemon, control: Client, root: string): Promise<string[]> {
  const { result } = await control.call('listApprovals', {});
  const items = (result?.items ?? []) as unknown[];
  const approvals = items.map((item) => `still asks: ${JSON.stringify(item)}`);
  const left = findLeftovers(root, daemon.pid).map(({ pid, command }) => `still runs: ${pid} ${command}`);
  return [...approvals, ...left];
}

async function stop(daemon: SoakDaemon, root: string): Promise<string[]> {
  daemon.heap.close();
  const code = await daemon.stop();
  const errors = daemon.log.filter(({ level }) => level >= 50).map(({ msg }) => `logged: ${msg}`);
  const left = findLeftovers(root, daemon.pid).map(({ command }) => `outlives the daemon: ${command}`);
  return [...errors, ...left, ...(code === 0 ? [] : [`exited with ${code}`])];
}

async function rest(daemon: SoakDaemon, control: Client): Promise<Rest> {
  // Pipes are kept for reuse; so many commands at once fill the store.
  const command = ['sleep', '0.5'];
  await Promise.all(Array.from({ length: 20 }, () => control.call('execOneOffCommand', { command })));
  const heapBytes = await daemon.heap.used();
  return {
    heapBytes,
    residentBytes: residentBytes(daemon.pid),
    descriptors: await countDescriptors(daemon.pid),
  };
}
