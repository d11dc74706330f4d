import { type BenchCase, measureEach, type Options } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { elapsed, medianTime } from '../lib/measure.ts';
import { memoryOf } from '../lib/memory.ts';
import type { Contender, Peer } from '../lib/peer.ts';
import { type Spread, storeMany } from '../lib/rollouts.ts';
import type { Row } from '../lib/table.ts';

const PAGE = 25;

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
    start: `start to first answer, home ${what}`,
    first: `very first page ${what}`,
    again: `first page ${what}`,
    next: `next page ${what}`,
    resident: `RSS after the pages ${what}`,
  };
}

async function compare(
  contenders: readonly Contender[],
  count: number,
  spread: Spread,
  options: Options,
): Promise<Row[]> {
  const works = worksOf(count, spread);
  const { start, first, again, next, resident } = works;
  const units = { [start]: 'ms', [first]: 'ms', [again]: 'ms', [next]: 'ms', [resident]: 'MB' } as const;
  return withHome(async (home) => {
    await storeMany(home, count, spread);
    return measureEach(contenders, units, async (contender) => {
      const begun = performance.now();
      return withPeer(contender, home, async (peer) => {
        const started = performance.now() - begun;
        const measured = await measureList(contender, peer, options);
        return {
          [start]: started,
          [first]: measured.first,
          [again]: measured.again,
          [next]: measured.next,
          [resident]: measured.resident,
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
