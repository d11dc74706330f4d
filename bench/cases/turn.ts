import { type BenchCase, measureEach } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { median } from '../lib/measure.ts';
import { talkative, withModel } from '../lib/model.ts';
import type { Contender, Peer } from '../lib/peer.ts';
import type { Work } from '../lib/table.ts';
import { atMost } from '../lib/target.ts';
import { converse, runTurn } from '../lib/turn.ts';

const WORK: Work = { work: 'turn, instant model', unit: 'ms', target: atMost(1, '0.36.0') };

/** From the message to the end of the turn, as its listener sees it. */
export const turn: BenchCase = {
  name: 'turn',
  run: (contenders, { quick }) =>
    withModel((model) => {
      const measure = (contender: Contender) =>
        withHome(
          (home) => withPeer(contender, home, (peer) => measureTurns(contender, peer, quick ? 5 : 30)),
          talkative(model, 1),
        );
      return measureEach(contenders, [WORK], measure, quick ? 1 : 3);
    }),
};

async function measureTurns(contender: Contender, peer: Peer, count: number) {
  const conversation = await converse(contender, peer);
  const next = () => runTurn(contender, [peer], conversation, 1);
  await next();
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) times.push(await next());
  return { [WORK.work]: median(times) };
}
