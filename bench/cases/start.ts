import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchCase, measureEach } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { median } from '../lib/measure.ts';
import { memoryOf } from '../lib/memory.ts';

const START = 'start to first answer';
const IDLE = 'idle memory (RSS)';

/** After this long, in ms, a server has done what it does after its start. */
const SETTLED_MS = 3_000;

/** An empty home, which the contenders' first starts may fill with what they keep there. */
export const start: BenchCase = {
  name: 'start',
  run: (contenders, { quick }) =>
    measureEach(contenders, { [START]: 'ms', [IDLE]: 'MB' }, (contender) =>
      withHome(async (home) => {
        await withPeer(contender, home, async () => {});
        const times: number[] = [];
        for (let n = 0; n < (quick ? 3 : 11); n += 1) {
          let answered = 0;
          const begun = performance.now();
          await withPeer(contender, home, async () => {
            answered = performance.now();
          });
          times.push(answered - begun);
        }
        const idle = await withPeer(contender, home, async ({ pid }) => {
          await sleep(SETTLED_MS);
          return (await memoryOf(pid)).resident;
        });
        return { [START]: median(times), [IDLE]: idle };
      }),
    ),
};
