import { openAudience } from '../lib/audience.ts';
import type { BenchCase } from '../lib/case.ts';
import { codexd, withPeer } from '../lib/contenders.ts';
import { measureGrowth } from '../lib/growth.ts';
import { withHome } from '../lib/home.ts';
import { median } from '../lib/measure.ts';
import { memoryOf } from '../lib/memory.ts';
import { talkative, withModel } from '../lib/model.ts';
import type { Peer } from '../lib/peer.ts';
import { converse, runTurn } from '../lib/turn.ts';

const DELTAS = 500;
const TIME = `${DELTAS} text deltas until everybody has them`;
const MEMORY = 'peak RSS after them';

/** Up to as many clients as a whole office has. */
export const audienceGrowth: BenchCase = {
  name: 'audience-growth',
  alone: true,
  run: (_contenders, { quick }) =>
    withModel((model) =>
      measureGrowth(
        quick ? [1, 10, 50] : [1, 10, 100, 500],
        { [TIME]: 'ms', [MEMORY]: 'MB' },
        (clients) => `${clients} ${clients === 1 ? 'client' : 'clients'}`,
        (clients) =>
          withHome(
            (home) => withPeer(codexd, home, (peer) => tellAll(peer, clients, quick ? 2 : 5)),
            talkative(model, DELTAS),
          ),
      ),
    ),
};

async function tellAll(peer: Peer, clients: number, turns: number) {
  const conversation = await converse(codexd, peer);
  await runTurn(codexd, [peer], conversation, DELTAS);
  const others = await openAudience(codexd, peer, conversation, clients - 1);
  const times: number[] = [];
  for (let n = 0; n < turns; n += 1)
    times.push(await runTurn(codexd, [peer, ...others], conversation, DELTAS));
  for (const { wire } of others) wire.close();
  return { [TIME]: median(times), [MEMORY]: (await memoryOf(peer.pid)).peak };
}
