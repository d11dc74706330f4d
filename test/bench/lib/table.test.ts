import { expect, it } from 'vitest';
import { median } from '../../../bench/lib/measure.ts';
import { type Row, renderTable } from '../../../bench/lib/table.ts';
import { atMost, noMoreThan } from '../../../bench/lib/target.ts';

it('a table has a column per contender and the ratios of the first one', () => {
  const rows: Row[] = [
    {
      work: 'start',
      unit: 'ms',
      target: noMoreThan(60, 'ms'),
      figures: { codexd: 50, theirs: 200, old: 1234.5 },
    },
    { work: 'memory', unit: 'MB', figures: { codexd: 1.234, theirs: 12.34, old: 'not yet' } },
    { work: 'calls', unit: 'ms', target: noMoreThan(0.05, 'ms'), figures: { codexd: 0.078 } },
    { work: 'archive', unit: 'ms', target: atMost(1, 'theirs'), figures: { codexd: 5 } },
  ];
  expect(renderTable(rows, ['codexd', 'theirs', 'old']).split('\n')).toEqual([
    '| work | codexd | theirs | old | codexd / theirs | codexd / old | target | met |',
    '| --- | ---: | ---: | ---: | ---: | ---: | --- | --- |',
    '| start | 50.0 ms | 200 ms | 1,235 ms | 0.25x | 0.04x | <= 60 ms | yes |',
    '| memory | 1.23 MB | 12.3 MB | not yet | 0.10x | - |  |  |',
    '| calls | 0.078 ms | - | - | - | - | <= 0.05 ms | **no** |',
    '| archive | 5.00 ms | - | - | - | - | <= 1.0x theirs | not measured |',
  ]);
});

it('a table survives who was not asked, failures of several lines, and nothing at all', () => {
  const rows = [{ work: 'a|b', unit: 'ms', figures: { theirs: 'failed:\nso | so' } }] as const;
  expect(renderTable(rows, ['ours', 'theirs']).split('\n')[2]).toBe(
    '| a\\|b | - | failed: so \\| so | - |  |  |',
  );
  const nothing = [{ work: 'x', unit: 'ms', figures: { ours: 1, theirs: 0 } }] as const;
  expect(renderTable(nothing, ['ours', 'theirs'])).toContain('| 1.00 ms | 0.000 ms | - |');
});

it('a median is the middle, or the mean of both', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([1, 10, 2, 4])).toBe(3);
  expect(() => median([])).toThrowError('no values');
});
