import { expect, test } from 'vitest';
import { killAtOperations } from '../support/crash/kill-sweep.ts';
import { killDuringRecovery } from '../support/crash/recovery-sweep.ts';

const STEP = 24;
/** Which operations of so many are tried; another draw each time finds all of them in the end. */
const first = Number(process.env.CRASH_FIRST ?? Math.floor(Math.random() * STEP));

const onLinux = test.runIf(process.platform === 'linux');

onLinux(
  'kill -9 right before and right after a file operation loses nothing and repeats nothing (REL-CR-2)',
  { timeout: 240_000 },
  async () => {
    console.log(`CRASH_FIRST=${first}`);
    const { faults, runs } = await killAtOperations({ step: STEP, first });
    expect(faults, `CRASH_FIRST=${first}`).toEqual([]);
    expect(runs).toBeGreaterThan(10);
  },
);

onLinux(
  'kill -9 while a start sees to what a crash has left loses nothing and repeats nothing (REL-CR-2)',
  { timeout: 240_000 },
  async () => {
    const { faults, runs } = await killDuringRecovery({ step: STEP / 3, first });
    expect(faults, `CRASH_FIRST=${first}`).toEqual([]);
    expect(runs).toBeGreaterThan(3);
  },
);
