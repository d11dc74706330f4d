import { expect, test } from 'vitest';
import { soak } from '../support/soak/soak.ts';

const SECONDS = 20;
const seed = Number(process.env.SOAK_SEED ?? Math.floor(Math.random() * 2 ** 32));

test.runIf(process.platform === 'linux')(
  'REL-SK-1: random use loses nothing and leaves nothing behind',
  { timeout: 6 * SECONDS * 1000 },
  async () => {
    console.log(`SOAK_SEED=${seed}`);
    const { tally, faults, root } = await soak({ seconds: SECONDS, seed });
    expect(faults, `SOAK_SEED=${seed}, see ${root}`).toEqual([]);
    expect(tally.turns).toBeGreaterThan(SECONDS);
  },
);
