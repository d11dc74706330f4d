import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchCase, measureEach, type Options } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { elapsed, medianTime } from '../lib/measure.ts';
import { memoryOf } from '../lib/memory.ts';
import type { Contender, Peer } from '../lib/peer.ts';
import { type Spread, storeMany } from '../lib/rollouts.ts';
import type { Row, Work } from '../lib/table.ts';
import { atMost } from '../lib/target.ts';

const PAGE = 25;
const SETTLED_MS = 3_000;

async function page(contender: Contender, peer: Peer, cursor?: string): Promise<string | undefined> {
  const { count, cursor: next } = await contender.list(peer, cursor);
  if (count !== PAGE) throw new Error(`a page of ${count} conversations`);
  return next;
}

async function measureList(contender: Contender, peer: Peer, { quick }: Options) {
  const times = quick ? 5 : 21;
  const first = await elapsed(() => page(contender, peer));
  const again = await medianTime(times, () => page(contender, peer));
  const cursor = await page(contender, peer);
  const next = await medianTime(times, () => page(contender, peer, cursor));
  return { first, again, next, resident: (await memoryOf(peer.pid)).resident };
}

function worksOf(count: number, spread: Spread) {
  const what = `of ${count.toLocaleString('en-US')} conversations of ${spread}`;
  return {
    start: { work: `start to first answer, home ${what}`, unit: 'ms' },
    first: { work: `very first page ${what}`, unit: 'ms' },
    again: { work: `first page ${what}`, unit: 'ms', target: atMost(1, '0.36.0') },
    next: { work: `next page ${what}`, unit: 'ms' },
    resident: { work: `RSS after the pages ${what}`, unit: 'MB' },
  } satisfies Record<string, Work>;
}

async function compare(
  contenders: readonly Contender[],
  count: number,
  spread: Spread,
  options: Options,
): Promise<Row[]> {
  const { start, first, again, next, resident } = worksOf(count, spread);
  return withHome(async (home) => {
    await storeMany(home, count, spread);
    // A directory that has only just changed may change again unseen, so that nobody may remember it yet.
    await sleep(SETTLED_MS);
    return measureEach(contenders, [start, first, again, next, resident], async (contender) => {
      const begun = performance.now();
      return withPeer(contender, home, async (peer) => {
        const started = performance.now() - begun;
        const measured = await measureList(contender, peer, options);
        return {
          [start.work]: started,
          [first.work]: measured.first,
          [again.work]: measured.again,
          [next.work]: measured.next,
          [resident.work]: measured.resident,
        };
      });
    });
  });
}

/** Today's Codex indexes at its first start, which takes many minutes for more than this. */
const INDEXED_IN_TIME = 10_000;

const ableToStart = (contenders: readonly Contender[], count: number): readonly Contender[] =>
  contenders.filter(({ name }) => count <= INDEXED_IN_TIME || name !== '0.169.0');

/** All contenders list the same files, one contender after the other; the cache of the system is warm. */
export const lists: BenchCase = {
  name: 'lists',
  async run(contenders, options) {
    const counts = options.quick ? [2_000] : [10_000, 100_000];
    const spreads: Spread[] = ['two years', 'one day'];
    const rows: Row[] = [];
    for (const count of counts)
      for (const spread of spreads)
        rows.push(...(await compare(ableToStart(contenders, count), count, spread, options)));
    return rows;
  },
};
