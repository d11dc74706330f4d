import { type BenchCase, measureEach } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { elapsed, median } from '../lib/measure.ts';
import { talkative, withModel } from '../lib/model.ts';
import type { Contender, Peer } from '../lib/peer.ts';
import type { Work } from '../lib/table.ts';
import { atMost } from '../lib/target.ts';
import { converse, runTurn } from '../lib/turn.ts';

const WORK: Work = { work: 'archive with a listener', unit: 'ms', target: atMost(0.2, '0.169.0') };

/** Few times: 0.36.0 sometimes waits ten seconds for the listener to go (protocol-v1, section 18). */
export const archive: BenchCase = {
  name: 'archive',
  run: (contenders, { quick }) =>
    withModel((model) => {
      const measure = (contender: Contender) =>
        withHome(
          (home) => withPeer(contender, home, (peer) => measureArchive(contender, peer, quick ? 1 : 3)),
          talkative(model, 1),
        );
      return measureEach(contenders, [WORK], measure, quick ? 1 : 2);
    }),
};

async function measureArchive(contender: Contender, peer: Peer, count: number) {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const conversation = await converse(contender, peer);
    await runTurn(contender, [peer], conversation, 1);
    times.push(await elapsed(() => contender.archive(peer, conversation)));
  }
  return { [WORK.work]: median(times) };
}
