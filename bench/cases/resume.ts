import { type BenchCase, type Measured, measureEach, type Options } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { elapsed } from '../lib/measure.ts';
import { memoryOf } from '../lib/memory.ts';
import type { Contender, Conversation } from '../lib/peer.ts';
import { storeTalk, storeWork } from '../lib/rollouts.ts';
import type { Row, Work } from '../lib/table.ts';
import { atMost } from '../lib/target.ts';

/** Bytes. */
const TALK = 42_000_000;
const GIBIBYTE = 2 ** 30;

async function compare(
  contenders: readonly Contender[],
  what: string,
  rounds: number,
  store: (home: string) => Promise<Conversation>,
): Promise<Row[]> {
  const isCompared = contenders.length > 1;
  const works: Record<'time' | 'peak' | 'growth', Work> = {
    time: { work: `resume of ${what}`, unit: 'ms', ...(isCompared && { target: atMost(0.3, '0.169.0') }) },
    peak: {
      work: `peak RSS after it, ${what}`,
      unit: 'MB',
      ...(isCompared && { target: atMost(1, '0.169.0') }),
    },
    growth: { work: `growth of the peak by it, ${what}`, unit: 'MB' },
  };
  const measure = (contender: Contender): Promise<Measured> =>
    withHome(async (home) => {
      const stored = await store(home);
      return withPeer(contender, home, async (peer) => {
        const before = await memoryOf(peer.pid);
        const taken = await elapsed(() => contender.resume(peer, stored));
        const after = await memoryOf(peer.pid);
        return {
          [works.time.work]: taken,
          [works.peak.work]: after.peak,
          [works.growth.work]: after.peak - before.peak,
        };
      });
    });
  return measureEach(contenders, Object.values(works), measure, rounds);
}

/** Each in a fresh process and home, since a second resume would find the first one's work. */
export const resume: BenchCase = {
  name: 'resume',
  async run(contenders, { quick }: Options) {
    const subject = contenders.slice(0, 1);
    return [
      ...(await compare(contenders, 'a 42 MB rollout', quick ? 1 : 3, (home) => storeTalk(home, TALK))),
      ...(quick
        ? await compare(subject, 'a 256 MiB rollout', 1, (home) => storeWork(home, GIBIBYTE / 4))
        : await compare(subject, 'a 2 GiB rollout', 1, (home) => storeWork(home, 2 * GIBIBYTE))),
    ];
  },
};
