import fc from 'fast-check';
import { describe, test } from 'vitest';
import { openDaemonWorld } from '../support/lifecycle/daemon-world.ts';
import { followModel, followRaces } from '../support/lifecycle/properties.ts';
import { runSettings, timeLimit } from '../support/lifecycle/runs.ts';

const SEQUENCES = runSettings(60);
const RACES = runSettings(60);

describe('over WebSocket and REST, conversations do what the model of their life says', () => {
  test(
    'whatever is asked of them one after another',
    async () => {
      await fc.assert(followModel(await openDaemonWorld()), SEQUENCES);
    },
    timeLimit(SEQUENCES.numRuns, 1_500),
  );

  test(
    'whatever is asked of them at once',
    async () => {
      await fc.assert(followRaces(await openDaemonWorld()), RACES);
    },
    timeLimit(RACES.numRuns, 1_500),
  );
});
