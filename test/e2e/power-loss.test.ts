import { expect, test } from 'vitest';
import { cutPower } from '../support/crash/power-sweep.ts';

const STEP = 60;
const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 2 ** 32));

test.runIf(process.platform === 'linux')(
  'a power cut takes nothing that was acknowledged, whatever it leaves of the rest (REL-CR-4)',
  { timeout: 240_000 },
  async () => {
    console.log(`CRASH_SEED=${seed}`);
    const { faults, runs } = await cutPower({ step: STEP, first: seed, seed, triesPromises: true });
    expect(faults, `CRASH_SEED=${seed}`).toEqual([]);
    expect(runs).toBeGreaterThan(15);
  },
);
