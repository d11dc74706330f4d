import { setTimeout as sleep } from 'node:timers/promises';
import { bare } from '../lib/bare.ts';
import { type BenchCase, type Measured, measureEach } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { memoryOf } from '../lib/memory.ts';
import type { Server } from '../lib/peer.ts';
import type { Work } from '../lib/table.ts';
import { atMost } from '../lib/target.ts';

const START: Work = { work: 'start to first answer', unit: 'ms', target: atMost(1, '0.169.0') };
const IDLE: Work = { work: 'idle memory (RSS)', unit: 'MB', target: atMost(0.9, '0.169.0') };

/** After this long, in ms, a server has done what it does after its start. */
const SETTLED_MS = 3_000;

/** An empty home, which the contenders' first starts may fill with what they keep there. */
export const start: BenchCase = {
  name: 'start',
  run: async (contenders, { quick }) => [
    ...(await measureEach([...contenders, bare], [START], startTwice, quick ? 3 : 11)),
    ...(await measureEach([...contenders, bare], [IDLE], settle, quick ? 1 : 3)),
  ],
};

const startTwice = (server: Server): Promise<Measured> =>
  withHome(async (home) => {
    await withPeer(server, home, async () => {});
    const begun = performance.now();
    const answered = await withPeer(server, home, async () => performance.now());
    return { [START.work]: answered - begun };
  });

const settle = (server: Server): Promise<Measured> =>
  withHome((home) =>
    withPeer(server, home, async ({ pid }) => {
      await sleep(SETTLED_MS);
      return { [IDLE.work]: (await memoryOf(pid)).resident };
    }),
  );
