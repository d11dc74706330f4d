import { expect, test } from 'vitest';
import { killAtOperations } from '../support/crash/kill-sweep.ts';

const STEP = 8;
/** Which operations of the eight are tried; another draw each time finds all of them in the end. */
const first = Number(process.env.CRASH_FIRST ?? Math.floor(Math.random() * STEP));

test.runIf(process.platform === 'linux')(
  'kill -9 right before and right after a file operation loses nothing and repeats nothing (REL-CR-2)',
  { timeout: 240_000 },
  async () => {
    console.log(`CRASH_FIRST=${first}`);
    const { faults, runs } = await killAtOperations({ step: STEP, first });
    expect(faults, `CRASH_FIRST=${first}`).toEqual([]);
    expect(runs).toBeGreaterThan(10);
  },
);
