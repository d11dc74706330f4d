import { setTimeout as sleep } from 'node:timers/promises';
import { wait } from '../../src/demo/answers.ts';
import { type ModelServer, startModelServer } from '../../src/demo/model-server.ts';
import { completed, created, itemDone, message, textDelta } from '../../src/demo/responses.ts';
import { type Door, type Listener, openCrowd } from '../../test/support/load/crowd.ts';
import type { BenchCase } from '../lib/case.ts';
import { startCodexd } from '../lib/codexd.ts';
import { withHome } from '../lib/home.ts';
import { memoryOf } from '../lib/memory.ts';
import type { Peer } from '../lib/peer.ts';
import type { Figure, Row } from '../lib/table.ts';

const STALLED = 20;

/** One turn of a model that says everything at once, before so many listeners. */
interface Outcome {
  /** Of the turn itself, in ms, as the daemon measures it. */
  readonly turn: number;
  /** What the daemon needed of the processors, in ms. */
  readonly cpu: number;
  /** Until the last listener that reads has the last event, in ms. */
  readonly delivered: number;
  /** MB that the daemon grew by at most. */
  readonly grown: number;
}

/** How the model talks: everything at once, or faster than any real model does. */
const PACES = [
  { pace: 'all at once', perBurst: Number.POSITIVE_INFINITY },
  { pace: '400 per second', perBurst: 20 },
];
const BURST_EVERY_MS = 50;

/** Many clients on one conversation, some of which stand still. */
export const crowd: BenchCase = {
  name: 'crowd',
  alone: true,
  async run(_contenders, { quick }) {
    const deltas = quick ? 200 : 2_000;
    const rows: Row[] = [];
    for (const { pace, perBurst } of PACES) {
      const model = await startModelServer({ respond: () => talk(deltas, perBurst), keepsRequests: false });
      for (const clients of [1, quick ? 50 : 500]) {
        rows.push(...(await measure(model, clients, `${deltas} deltas, ${pace}`)));
      }
      await model.close();
    }
    return rows;
  },
};

function talk(deltas: number, perBurst: number) {
  const pieces = Array.from({ length: deltas }, (_, index) => {
    const piece = textDelta(`piece ${index} of what the model says `);
    const startsBurst = index > 0 && index % perBurst === 0;
    return startsBurst ? [wait(sleep((index / perBurst) * BURST_EVERY_MS)), piece] : [piece];
  });
  return [created(), ...pieces.flat(), itemDone(message('done')), completed()];
}

async function measure(model: ModelServer, clients: number, said: string): Promise<Row[]> {
  const outcome = await withHome((home) => turnBefore(home, clients, clients > 1 ? STALLED : 0), model.url);
  const what = `${said}, ${clients} client${clients > 1 ? 's' : ''}${clients > 1 ? ` of which ${STALLED} stand still` : ''}`;
  const row = (work: string, unit: Row['unit'], figure: Figure): Row => ({
    work: `${what}: ${work}`,
    unit,
    figures: { codexd: figure },
  });
  return [
    row('the turn', 'ms', outcome.turn),
    row('processor time of the daemon', 'ms', outcome.cpu),
    row('until everybody who reads has everything', 'ms', outcome.delivered),
    row('growth of the daemon (RSS)', 'MB', outcome.grown),
  ];
}

async function turnBefore(home: string, clients: number, stalled: number): Promise<Outcome> {
  const peer = await startCodexd(home);
  try {
    const door = doorOf(peer);
    const { conversationId } = (await peer.call('newConversation', {})) as { conversationId: string };
    const listeners = await openCrowd(door, conversationId, clients);
    for (const each of listeners.slice(clients - stalled)) each.stall();
    return await run(peer, door, conversationId, listeners.slice(0, clients - stalled));
  } finally {
    await peer.stop();
  }
}

async function run(
  peer: Peer,
  door: Door,
  conversationId: string,
  readers: readonly Listener[],
): Promise<Outcome> {
  const before = (await memoryOf(peer.pid)).resident;
  const measured = await readMetrics(door);
  const started = performance.now();
  await peer.call('sendUserMessage', { conversationId, items: [{ type: 'text', data: { text: 'talk' } }] });
  const last = await lastEvent(peer, conversationId);
  await Promise.all(readers.map((each) => each.until(last)));
  const delivered = performance.now() - started;
  requireSame(readers);
  const after = await readMetrics(door);
  const cpu = after('process_cpu_seconds_total') - measured('process_cpu_seconds_total');
  const turn = after('codexd_turn_duration_seconds_sum');
  const grown = (await memoryOf(peer.pid)).peak - before;
  return { turn: turn * 1_000, cpu: cpu * 1_000, delivered, grown };
}

/** Id of the last event once no turn runs. */
async function lastEvent(peer: Peer, conversationId: string): Promise<string> {
  for (;;) {
    const { turn, lastEventId } = (await peer.call('getConversation', { conversationId })) as {
      turn: object | null;
      lastEventId: string;
    };
    if (!turn && !lastEventId.endsWith('-0')) return lastEventId;
    await sleep(50);
  }
}

function requireSame(readers: readonly Listener[]): void {
  const [first] = readers;
  const expected = first?.ids.join();
  if (readers.some(({ ids }) => ids.join() !== expected)) throw new Error('the readers saw different events');
}

/** Gives the value of each metric, of the first of its labels. */
async function readMetrics({ url, token }: Door): Promise<(name: string) => number> {
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  const text = await answer.text();
  return (name) => Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)`, 'm').exec(text)?.[1] ?? 0);
}

function doorOf({ door }: Peer): Door {
  if (door?.token === undefined) throw new Error('the daemon has no door');
  return { url: door.url, token: door.token };
}
