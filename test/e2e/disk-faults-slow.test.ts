import { expect, onTestFinished, test } from 'vitest';
import { create, say } from '../support/crash/acts.ts';
import { clearPlace, makePlace, startSweepModel } from '../support/crash/bench.ts';
import { openHost } from '../support/crash/daemon-host.ts';
import type { Door } from '../support/crash/door.ts';
import { type Ledger, turnState } from '../support/crash/ledger.ts';
import { openSocketDoor } from '../support/crash/socket-door.ts';

const SYNC_MS = 8_000;
/** Generous for a busy machine, and far from the time that the slow sync takes. */
const QUICK_MS = 2_500;

const opened = (door: Door, cwd: string): Promise<Ledger> => create(door, { cwd }, async () => 'approved');

async function talk(door: Door, ledger: Ledger, name: string): Promise<void> {
  await say(door, ledger, JSON.stringify({ say: name, steps: [] }));
  while (turnState(ledger) !== 'idle') await ledger.next(AbortSignal.timeout(QUICK_MS));
}

test('a disk that is slow for one conversation holds up neither the others nor the daemon (REL-DISK-5)', async () => {
  const model = await startSweepModel();
  const place = makePlace(model, 0);
  const host = openHost();
  onTestFinished(async () => {
    host.kill();
    await model.close();
    clearPlace(place, []);
  });
  const door = await openSocketDoor(await host.start(place.root, { kind: 'slow', syncMs: SYNC_MS }), 'unix');
  const { cwd } = place.course;
  const began = performance.now();
  let isSlowOver = false;
  // The disk is slow for the file that is synced first.
  const first = await opened(door, cwd);
  const slow = say(door, first, JSON.stringify({ say: 'slowly', steps: [] })).then(() => {
    isSlowOver = true;
  });
  const quick = await opened(door, cwd);
  for (let turn = 1; turn <= 3; turn++) {
    const before = performance.now();
    await talk(door, quick, `quickly ${turn}`);
    expect(performance.now() - before).toBeLessThan(QUICK_MS);
  }
  expect(isSlowOver).toBe(false);
  await slow;
  expect(performance.now() - began).toBeGreaterThan(SYNC_MS);
}, 60_000);
