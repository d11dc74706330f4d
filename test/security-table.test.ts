import { describe, expect, it } from 'vitest';
import { tableRows, testsIn, testsWithout } from './support/requirements-table.ts';
import { SECURITY_REQUIREMENTS } from './support/security-requirements.ts';

interface Row {
  readonly id: string;
  readonly level: string;
  readonly done: string;
  /** Files below `test`, without their ending. */
  readonly tests: readonly string[];
  readonly result: string;
}

const RESULTS = ['done', 'not offered'];

const rows: Row[] = tableRows('security.md', 'SEC-').map(
  ([id = '', level = '', done = '', tests = '', result = '']) => ({
    id,
    level,
    done,
    tests: testsIn(tests),
    result,
  }),
);

describe('docs/security.md', () => {
  it('has every requirement once, with its level', () => {
    expect(Object.fromEntries(rows.map(({ id, level }) => [id, level]))).toEqual(SECURITY_REQUIREMENTS);
    expect(rows).toHaveLength(Object.keys(SECURITY_REQUIREMENTS).length);
  });

  it('says of each what is done and with what result', () => {
    for (const { id, done, result } of rows) {
      expect([id, RESULTS.includes(result), done.length > 10]).toEqual([id, true, true]);
    }
  });

  it('leaves out nothing that must be, unless another part of the project has it', () => {
    const open = rows.filter(({ level, result }) => level === 'MUST' && result === 'not offered');
    expect(open.map(({ id }) => id)).toEqual([]);
  });

  it.each(rows.filter(({ result }) => result === 'done'))(
    '$id is shown by tests whose names carry it',
    ({ id, tests }) => {
      expect(tests.length).toBeGreaterThan(0);
      expect(testsWithout(id, tests)).toEqual([]);
    },
  );
});
