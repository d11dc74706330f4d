import { type BenchCase, measureEach } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { medianTime } from '../lib/measure.ts';
import type { Work } from '../lib/table.ts';
import { atMost } from '../lib/target.ts';

const WORK: Work = { work: 'one-off `/bin/true`', unit: 'ms', target: atMost(1, '0.36.0') };

/** Without a sandbox, which 0.36.0 has none of for these commands on Linux. */
export const oneOff: BenchCase = {
  name: 'one-off',
  run: (contenders, { quick }) =>
    measureEach(
      contenders,
      [WORK],
      (contender) =>
        withHome((home) =>
          withPeer(contender, home, async (peer) => {
            const execute = () => contender.execute(peer, ['/bin/true']);
            await execute();
            return { [WORK.work]: await medianTime(quick ? 10 : 100, execute) };
          }),
        ),
      quick ? 1 : 3,
    ),
};
