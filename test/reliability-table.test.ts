import { describe, expect, it } from 'vitest';
import { RELIABILITY_REQUIREMENTS } from './support/reliability-requirements.ts';
import { tableRows, testsIn, testsWithout } from './support/requirements-table.ts';

const SHOWN = ['done', 'part'];
const RESULTS = [...SHOWN, 'measured', 'missing', 'not needed', 'harness'];

const rows = tableRows('reliability.md', 'REL-').map(([id = '', done = '', tests = '', result = '']) => ({
  id,
  done,
  tests: testsIn(tests),
  result,
}));

describe('docs/reliability.md', () => {
  it('has every requirement once, in order', () => {
    expect(rows.map(({ id }) => id)).toEqual(RELIABILITY_REQUIREMENTS);
  });

  it.each(rows)('says of $id what is done and with what result', ({ done, tests, result }) => {
    expect(RESULTS).toContain(result);
    expect(done.length).toBeGreaterThan(10);
    expect(tests.length > 0).toBe(SHOWN.includes(result));
  });

  it.each(rows.filter(({ result }) => SHOWN.includes(result)))(
    '$id is shown by tests whose names carry it',
    ({ id, tests }) => {
      expect(testsWithout(id, tests)).toEqual([]);
    },
  );
});
