import type { BenchCase } from '../lib/case.ts';
import { codexd, withPeer } from '../lib/contenders.ts';
import { measureGrowth } from '../lib/growth.ts';
import { withHome } from '../lib/home.ts';
import { elapsed, median } from '../lib/measure.ts';
import { memoryOf } from '../lib/memory.ts';
import { talkative, withModel } from '../lib/model.ts';
import type { Peer } from '../lib/peer.ts';
import { converse, runTurn } from '../lib/turn.ts';

const LOAD = 'loading them all';
const TURN = 'turn beside them';
const PAGE = 'first page beside them';
const MEMORY = 'RSS with them';

/** Conversations that are loaded and rest, and one that does not. */
export const loadedGrowth: BenchCase = {
  name: 'loaded-growth',
  alone: true,
  run: (_contenders, { quick }) =>
    withModel((model) =>
      measureGrowth(
        quick ? [10, 50] : [10, 100, 1_000],
        { [LOAD]: 'ms', [TURN]: 'ms', [PAGE]: 'ms', [MEMORY]: 'MB' },
        (count) => `${count.toLocaleString('en-US')} conversations loaded`,
        (count) =>
          withHome(
            (home) => withPeer(codexd, home, (peer) => measure(peer, count, quick ? 3 : 11)),
            talkative(model, 1),
          ),
      ),
    ),
};

async function measure(peer: Peer, count: number, times: number) {
  const loading = await elapsed(async () => {
    for (let n = 0; n < count; n += 1) await codexd.newConversation(peer);
  });
  const conversation = await converse(codexd, peer);
  const turns: number[] = [];
  const pages: number[] = [];
  for (let n = 0; n < times; n += 1) {
    turns.push(await runTurn(codexd, [peer], conversation, 1));
    pages.push(await elapsed(() => codexd.list(peer)));
  }
  const resident = (await memoryOf(peer.pid)).resident;
  return { [LOAD]: loading, [TURN]: median(turns), [PAGE]: median(pages), [MEMORY]: resident };
}
