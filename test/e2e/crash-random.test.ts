import { expect, test } from 'vitest';
import { killAtRandom } from '../support/crash/random-kills.ts';

const ITERATIONS = 20;
const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 2 ** 32));

test.runIf(process.platform === 'linux')(
  `${ITERATIONS} random kill -9 under load with four clients lose nothing and repeat nothing (REL-CR-1)`,
  { timeout: 180_000 },
  async () => {
    console.log(`CRASH_SEED=${seed}`);
    const { faults, tally, root } = await killAtRandom({ iterations: ITERATIONS, seed });
    expect(faults, `CRASH_SEED=${seed}, see ${root}`).toEqual([]);
    expect(tally.turns).toBeGreaterThan(ITERATIONS);
    expect(tally.resumed).toBeGreaterThan(ITERATIONS / 2);
  },
);
