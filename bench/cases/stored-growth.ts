import type { BenchCase } from '../lib/case.ts';
import { codexd, withPeer } from '../lib/contenders.ts';
import { measureGrowth } from '../lib/growth.ts';
import { withHome } from '../lib/home.ts';
import { elapsed, medianTime } from '../lib/measure.ts';
import { memoryOf } from '../lib/memory.ts';
import { storeMany } from '../lib/rollouts.ts';

const START = 'start to first answer';
const FIRST = 'very first page';
const AGAIN = 'first page';
const MEMORY = 'RSS after the pages';

/** The more a home holds, the longer its lists may take, but no more than that. */
export const storedGrowth: BenchCase = {
  name: 'stored-growth',
  alone: true,
  run: (_contenders, { quick }) =>
    measureGrowth(
      quick ? [10, 100, 1_000] : [10, 1_000, 10_000],
      { [START]: 'ms', [FIRST]: 'ms', [AGAIN]: 'ms', [MEMORY]: 'MB' },
      (count) => `${count.toLocaleString('en-US')} conversations stored`,
      (count) =>
        withHome(async (home) => {
          await storeMany(home, count, 'two years');
          const begun = performance.now();
          return withPeer(codexd, home, async (peer) => {
            const started = performance.now() - begun;
            const first = await elapsed(() => codexd.list(peer));
            const again = await medianTime(quick ? 5 : 21, () => codexd.list(peer));
            const resident = (await memoryOf(peer.pid)).resident;
            return { [START]: started, [FIRST]: first, [AGAIN]: again, [MEMORY]: resident };
          });
        }),
    ),
};
