import { type BenchCase, measureEach } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { medianTime } from '../lib/measure.ts';
import type { Work } from '../lib/table.ts';
import { atMost } from '../lib/target.ts';

const WORK: Work = { work: 'newConversation', unit: 'ms', target: atMost(0.1, '0.169.0') };

/** As the conversations of a day come: one process starts them all. */
export const newConversation: BenchCase = {
  name: 'new-conversation',
  run: (contenders, { quick }) =>
    measureEach(
      contenders,
      [WORK],
      (contender) =>
        withHome((home) =>
          withPeer(contender, home, async (peer) => {
            await contender.newConversation(peer);
            const time = await medianTime(quick ? 5 : 20, () => contender.newConversation(peer));
            return { [WORK.work]: time };
          }),
        ),
      quick ? 1 : 3,
    ),
};
