import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Lanes } from '../../src/rpc/lanes.ts';

describe('lanes', () => {
  test('a free lane runs a task at once and returns its value as it is', () => {
    expect(new Lanes().run('a', () => 7)).toBe(7);
  });

  test('a task waits for the earlier ones of its lane, not for those of others', async () => {
    const lanes = new Lanes();
    const gate = Promise.withResolvers<void>();
    const order: string[] = [];
    const first = lanes.run('a', async () => {
      await gate.promise;
      order.push('a1');
    });
    const second = lanes.run('a', () => void order.push('a2'));
    lanes.run('b', () => void order.push('b1'));
    expect(order).toEqual(['b1']);
    gate.resolve();
    await Promise.all([first, second]);
    expect(order).toEqual(['b1', 'a1', 'a2']);
  });

  test('a task that fails fails for its caller and lets the next one run', async () => {
    const lanes = new Lanes();
    const failed = lanes.run('a', () => Promise.reject(new Error('no')));
    const next = lanes.run('a', () => 'ran');
    await expect(failed).rejects.toThrow('no');
    await expect(next).resolves.toBe('ran');
  });

  test('keeps nothing of a lane that has become free', async () => {
    const lanes = new Lanes();
    await lanes.run('a', () => Promise.resolve());
    await lanes.run('b', () => Promise.reject(new Error('no')))?.catch(() => undefined);
    await Promise.resolve();
    expect(lanes.size).toBe(0);
  });

  test('any mix of tasks runs in the order of arrival within its lane', async () => {
    const task = fc.record({ lane: fc.constantFrom('a', 'b', 'c'), ticks: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(fc.array(task, { maxLength: 30 }), async (tasks) => {
        const lanes = new Lanes();
        const started: Record<string, number[]> = { a: [], b: [], c: [] };
        let running: Record<string, number> = { a: 0, b: 0, c: 0 };
        await Promise.all(
          tasks.map(({ lane, ticks }, index) =>
            lanes.run(lane, async () => {
              started[lane]?.push(index);
              running = { ...running, [lane]: (running[lane] ?? 0) + 1 };
              expect(running[lane]).toBe(1);
              for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
              running = { ...running, [lane]: 0 };
            }),
          ),
        );
        for (const lane of ['a', 'b', 'c']) {
          const expected = tasks.flatMap((entry, index) => (entry.lane === lane ? [index] : []));
          expect(started[lane]).toEqual(expected);
        }
      }),
    );
  });
});
