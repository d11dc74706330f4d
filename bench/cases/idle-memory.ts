import { setTimeout as sleep } from 'node:timers/promises';
import { openClients } from '../lib/audience.ts';
import { type BenchCase, type Measured, measureEach, type Options } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { memoryOf } from '../lib/memory.ts';
import type { Contender, Peer } from '../lib/peer.ts';
import type { Work } from '../lib/table.ts';
import { noMoreThan } from '../lib/target.ts';

const CLIENT: Work = {
  work: 'memory per idle WebSocket client',
  unit: 'kB',
  target: noMoreThan(50, 'kB'),
};
const CONVERSATION: Work = {
  work: 'memory per loaded idle conversation',
  unit: 'kB',
  target: noMoreThan(100, 'kB'),
};

/** Before the first figure, so that what every first one needs once is there already. */
const FIRST = 10;
/** After this long, in ms, what was needed for the moment only is given back. */
const SETTLED_MS = 3_000;
const KB_PER_MB = 1_000;

/** What the process grows by, as the system sees it. */
export const idleMemory: BenchCase = {
  name: 'idle-memory',
  run: async (contenders, options) => {
    const able = contenders.filter(({ name }) => name !== '0.36.0');
    const rounds = options.quick ? 1 : 3;
    return [
      ...(await measureEach(able, [CLIENT], (each) => measureClients(each, options), rounds)),
      ...(await measureEach(contenders, [CONVERSATION], (each) => measureLoaded(each, options))),
    ];
  },
};

const measureClients = (contender: Contender, { quick }: Options): Promise<Measured> =>
  withHome((home) =>
    withPeer(contender, home, async (peer) => {
      const count = quick ? 50 : 400;
      const first = await openClients(contender, peer, FIRST);
      const before = await settled(peer);
      const clients = await openClients(contender, peer, count);
      const after = await settled(peer);
      for (const { wire } of [...first, ...clients]) wire.close();
      return { [CLIENT.work]: ((after - before) * KB_PER_MB) / count };
    }),
  );

const measureLoaded = (contender: Contender, { quick }: Options): Promise<Measured> =>
  withHome((home) =>
    withPeer(contender, home, async (peer) => {
      const count = quick ? 100 : 400;
      await load(contender, peer, FIRST);
      const before = await settled(peer);
      await load(contender, peer, count);
      return { [CONVERSATION.work]: (((await settled(peer)) - before) * KB_PER_MB) / count };
    }),
  );

async function load(contender: Contender, peer: Peer, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await contender.newConversation(peer);
}

/** MB. */
async function settled({ pid }: Peer): Promise<number> {
  await sleep(SETTLED_MS);
  return (await memoryOf(pid)).resident;
}
