import { expect, test } from 'vitest';
import { failOperations } from '../support/crash/error-sweep.ts';

const STEP = 24;
const first = Number(process.env.CRASH_FIRST ?? Math.floor(Math.random() * STEP));

test.runIf(process.platform === 'linux')(
  'a file operation that fails once or for a while is told as what it is, and nothing is lost (REL-CR-5)',
  { timeout: 240_000 },
  async () => {
    console.log(`CRASH_FIRST=${first}`);
    const { faults, runs } = await failOperations({ step: STEP, first });
    expect(faults, `CRASH_FIRST=${first}`).toEqual([]);
    expect(runs).toBeGreaterThan(10);
  },
);
