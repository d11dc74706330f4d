import { openAudience } from '../lib/audience.ts';
import { type BenchCase, measureEach } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { talkative, withModel } from '../lib/model.ts';
import type { Contender, Peer } from '../lib/peer.ts';
import type { Work } from '../lib/table.ts';
import { atLeast } from '../lib/target.ts';
import { converse, runTurn } from '../lib/turn.ts';

const CLIENTS = 50;

/** Until the last of the clients has the end; 0.36.0 speaks stdio, to one client. */
export const audience: BenchCase = {
  name: 'audience',
  run(contenders, { quick }) {
    const deltas = quick ? 400 : 4_000;
    const work: Work = {
      work: `${deltas.toLocaleString('en-US')} text deltas to each of ${CLIENTS} clients`,
      unit: '/s',
      target: atLeast(5, '0.169.0'),
    };
    return withModel((model) => {
      const measure = (contender: Contender) =>
        withHome(
          (home) =>
            withPeer(contender, home, async (peer) => ({
              [work.work]: (CLIENTS * deltas * 1_000) / (await tellAll(contender, peer, deltas)),
            })),
          talkative(model, deltas),
        );
      const able = contenders.filter(({ name }) => name !== '0.36.0');
      return measureEach(able, [work], measure, quick ? 1 : 3);
    });
  },
};

/** The turn before is what the newcomers need to join, and makes everybody warm. */
async function tellAll(contender: Contender, peer: Peer, deltas: number): Promise<number> {
  const conversation = await converse(contender, peer);
  await runTurn(contender, [peer], conversation, deltas);
  const others = await openAudience(contender, peer, conversation, CLIENTS - 1);
  try {
    return await runTurn(contender, [peer, ...others], conversation, deltas);
  } finally {
    for (const { wire } of others) wire.close();
  }
}
