import { type BenchCase, measureEach } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { talkative, withModel } from '../lib/model.ts';
import type { Contender } from '../lib/peer.ts';
import type { Work } from '../lib/table.ts';
import { atLeast } from '../lib/target.ts';
import { converse, runTurn } from '../lib/turn.ts';

/** A model that says everything at once; each piece has to arrive by itself. */
export const deltas: BenchCase = {
  name: 'deltas',
  run(contenders, { quick }) {
    const count = quick ? 3_000 : 30_000;
    const work: Work = {
      work: `${count.toLocaleString('en-US')} text deltas, one client`,
      unit: '/s',
      target: atLeast(10, '0.169.0'),
    };
    return withModel((model) => {
      const measure = (contender: Contender) =>
        withHome(
          (home) =>
            withPeer(contender, home, async (peer) => {
              const conversation = await converse(contender, peer);
              const took = await runTurn(contender, [peer], conversation, count);
              return { [work.work]: (count / took) * 1_000 };
            }),
          talkative(model, count),
        );
      return measureEach(contenders, [work], measure, quick ? 1 : 5);
    });
  },
};
