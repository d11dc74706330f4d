import type { BenchCase } from '../lib/case.ts';
import { codexd, withPeer } from '../lib/contenders.ts';
import { measureGrowth } from '../lib/growth.ts';
import { withHome } from '../lib/home.ts';
import { elapsed } from '../lib/measure.ts';
import { memoryOf } from '../lib/memory.ts';
import { storeTalk } from '../lib/rollouts.ts';

const TIME = 'resume';
const PEAK = 'peak RSS after it';
const BYTES_PER_MB = 1_000_000;

/** Each in a fresh process, all of the rollout part of the history. */
export const resumeGrowth: BenchCase = {
  name: 'resume-growth',
  alone: true,
  run: (_contenders, { quick }) =>
    measureGrowth(
      quick ? [1, 10] : [1, 10, 100],
      { [TIME]: 'ms', [PEAK]: 'MB' },
      (size) => `a rollout of ${size} MB`,
      (size) =>
        withHome(async (home) => {
          const stored = await storeTalk(home, size * BYTES_PER_MB);
          return withPeer(codexd, home, async (peer) => {
            const time = await elapsed(() => codexd.resume(peer, stored));
            return { [TIME]: time, [PEAK]: (await memoryOf(peer.pid)).peak };
          });
        }),
    ),
};
