import { type BenchCase, measureEach, type Options } from '../lib/case.ts';
import { withPeer } from '../lib/contenders.ts';
import { withHome } from '../lib/home.ts';
import { elapsed } from '../lib/measure.ts';
import { memoryOf } from '../lib/memory.ts';
import type { Contender } from '../lib/peer.ts';
import { type StoredConversation, storeTalk, storeWork } from '../lib/rollouts.ts';
import type { Row } from '../lib/table.ts';

const GIBIBYTE = 2 ** 30;

async function compare(
  contenders: readonly Contender[],
  what: string,
  store: (home: string) => Promise<StoredConversation>,
): Promise<Row[]> {
  const [time, peak, growth] = [`resume of ${what}`, `peak RSS after it`, `growth of the peak by it`];
  const units = { [time]: 'ms', [`${peak}, ${what}`]: 'MB', [`${growth}, ${what}`]: 'MB' } as const;
  return withHome(async (home) => {
    const stored = await store(home);
    return measureEach(contenders, units, (contender) =>
      withPeer(contender, home, async (peer) => {
        const before = await memoryOf(peer.pid);
        const taken = await elapsed(() => contender.resume(peer, stored));
        const after = await memoryOf(peer.pid);
        return {
          [time]: taken,
          [`${peak}, ${what}`]: after.peak,
          [`${growth}, ${what}`]: after.peak - before.peak,
        };
      }),
    );
  });
}

/** Each in a fresh process, since a second resume would find the first one's work. */
export const resume: BenchCase = {
  name: 'resume',
  async run(contenders, { quick }: Options) {
    const subject = contenders.slice(0, 1);
    return [
      ...(await compare(contenders, 'a 42 MB rollout', storeTalk)),
      ...(quick
        ? await compare(subject, 'a 256 MiB rollout', (home) => storeWork(home, GIBIBYTE / 4))
        : await compare(subject, 'a 2 GiB rollout', (home) => storeWork(home, 2 * GIBIBYTE))),
    ];
  },
};
