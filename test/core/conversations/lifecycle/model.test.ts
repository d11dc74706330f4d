import fc from 'fast-check';
import { describe, test } from 'vitest';
import { openInProcessWorld } from '../../../support/lifecycle/in-process.ts';
import { followModel, followRaces } from '../../../support/lifecycle/properties.ts';
import { runSettings, timeLimit } from '../../../support/lifecycle/runs.ts';

const SEQUENCES = runSettings(250);
const RACES = runSettings(100);

describe('conversations do what the model of their life says', () => {
  test('whatever is asked of them one after another', {
    timeout: timeLimit(SEQUENCES.numRuns, 1_000),
  }, async () => {
    const world = await openInProcessWorld();
    await fc.assert(followModel(world), SEQUENCES);
  });

  test('whatever is asked of them at once', { timeout: timeLimit(RACES.numRuns, 1_000) }, async () => {
    const world = await openInProcessWorld();
    await fc.assert(followRaces(world), RACES);
  });
});
