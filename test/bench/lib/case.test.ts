import { expect, it, vi } from 'vitest';
import { measureEach } from '../../../bench/lib/case.ts';

const WORK = { work: 'something', unit: 'ms' } as const;

it('subjects are measured in turn, and the medians of the rounds count', async () => {
  const order: string[] = [];
  const figures = { ours: [5, 1, 3], theirs: [20, 40, 30] };
  const subjects = [{ name: 'ours' }, { name: 'theirs' }] as const;
  const measure = async ({ name }: { readonly name: 'ours' | 'theirs' }) => {
    order.push(name);
    return { something: figures[name].shift() ?? 0 };
  };
  expect(await measureEach(subjects, [WORK], measure, 3)).toEqual([
    { ...WORK, figures: { ours: 3, theirs: 30 } },
  ]);
  expect(order).toEqual(['ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs']);
});

it('one that fails says so and is not asked again', async () => {
  const silent = vi.spyOn(console, 'error').mockImplementation(() => {});
  const measure = vi.fn(async () => Promise.reject(new Error('it broke\nhere')));
  const [row] = await measureEach([{ name: 'ours' }], [WORK], measure, 3);
  expect(row?.figures).toEqual({ ours: 'failed: it broke' });
  expect(measure).toHaveBeenCalledTimes(1);
  silent.mockRestore();
});
