import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { groupSync } from '../../../src/core/rollout/group-sync.ts';

/** Syncs that end one by one, when the test says so. */
function controlledSync() {
  const ends: PromiseWithResolvers<void>[] = [];
  const sync = (): Promise<void> => {
    const end = Promise.withResolvers<void>();
    ends.push(end);
    return end.promise;
  };
  return { ends, sync };
}

describe('a group sync', () => {
  it('starts one sync for all who come while another runs, not earlier than they came', async () => {
    const { ends, sync } = controlledSync();
    const group = groupSync(sync, 1000);
    const first = group.now();
    const others = [group.now(), group.now(), group.now()];
    expect(ends).toHaveLength(1);
    ends[0]?.resolve();
    await first;
    await expect.poll(() => ends.length).toBe(2);
    let isDone = false;
    const all = Promise.all(others).then(() => {
      isDone = true;
    });
    await Promise.resolve();
    expect(isDone).toBe(false);
    ends[1]?.resolve();
    await all;
    expect(ends).toHaveLength(2);
  });

  it('is made soon without anybody waiting, once for many', async () => {
    const synced = Promise.withResolvers<number>();
    let count = 0;
    const started = performance.now();
    const group = groupSync(async () => {
      count += 1;
      synced.resolve(performance.now() - started);
    }, 20);
    for (let n = 0; n < 10; n += 1) group.soon();
    const alive = delay(5000, undefined, { ref: true });
    expect(await Promise.race([synced.promise, alive])).toBeGreaterThanOrEqual(15);
    await group.stop();
    expect(count).toBe(1);
  });

  it('does not keep the process alive', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const group = groupSync(async () => undefined, 60_000);
    group.soon();
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBe(before);
    await group.stop();
  });

  it('is asked again after a failure', async () => {
    const { ends, sync } = controlledSync();
    const group = groupSync(sync, 1000);
    const failed = group.now();
    ends[0]?.reject(new Error('bad disk'));
    await expect(failed).rejects.toThrowError('bad disk');
    const following = group.now();
    ends[1]?.resolve();
    await following;
    expect(ends).toHaveLength(2);
  });

  it('tells a failure only to those whom it concerns', async () => {
    const { ends, sync } = controlledSync();
    const group = groupSync(sync, 1000);
    const waiting = [group.now(), group.now()];
    ends[0]?.reject(new Error('bad disk'));
    await expect.poll(() => ends.length).toBe(2);
    ends[1]?.resolve();
    const outcomes = await Promise.allSettled(waiting);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'fulfilled']);
  });
});
