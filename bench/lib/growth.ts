import { codexd } from './contenders.ts';
import type { Figure, Row, Unit } from './table.ts';
import { linear } from './target.ts';

/** What is measured at each size. */
export type GrowthWork = Readonly<Record<string, Unit>>;

/**
 * Measures codexd at each size, from the smallest on; what a step costs must not grow more than the size does.
 * @param named the size in words
 */
export async function measureGrowth(
  sizes: readonly number[],
  works: GrowthWork,
  named: (size: number) => string,
  measure: (size: number) => Promise<Readonly<Record<string, number>>>,
): Promise<Row[]> {
  const measured: Readonly<Record<string, Figure>>[] = [];
  for (const size of sizes) measured.push(await measure(size));
  return Object.entries(works).flatMap(([work, unit]) =>
    sizes.map((size, index) => {
      const before = measured[index - 1]?.[work];
      const step = size / (sizes[index - 1] ?? size);
      return {
        work: `${work}, ${named(size)}`,
        unit,
        figures: { [codexd.name]: measured[index]?.[work] ?? 'not measured' },
        ...(typeof before === 'number' && { target: linear(step, before) }),
      };
    }),
  );
}
