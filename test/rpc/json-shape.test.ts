import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findShapeProblem } from '../../src/rpc/json-shape.ts';

const LIMITS = { depth: 64, members: 10_000, elements: 100_000 };
const isNestedDeeperThan = (text: string, depth: number): boolean =>
  findShapeProblem(text, { ...LIMITS, depth }) === 'too_deep';

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

describe('SEC-IN-8: the depth of a JSON text', () => {
  it('is that of its value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(8), (value, limit) => {
        expect(isNestedDeeperThan(JSON.stringify(value), limit)).toBe(depthOf(value) > limit);
      }),
    );
  });

  it.each([
    ['brackets in a string', '["[[[[", "{{{{"]', false],
    ['an escaped quote', '["\\"[[[["]', false],
    ['a backslash at the end of a string', '["\\\\", [[2]]]', true],
    ['a string without an end', '["[[[[', false],
    ['siblings', '[[],[],[]]', false],
  ])('is told right with %s', (_name, text, deeper) => {
    expect(isNestedDeeperThan(text, 2)).toBe(deeper);
  });

  it('is told at once, whatever the size', () => {
    const texts = ['['.repeat(1e6), `"${'\\'.repeat(1e6)}"`, `["${'x'.repeat(1e7)}"]`, '"\\"'.repeat(1e5)];
    const started = performance.now();
    for (const text of texts) isNestedDeeperThan(text, 64);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe('SEC-IN-9: the width of a JSON text', () => {
  const object = (members: number): string =>
    `{${Array.from({ length: members }, (_, index) => `"${index}":[]`).join()}}`;
  const list = (elements: number): string => `[${Array(elements).fill('{}').join()}]`;

  it.each([
    [object(10_000), undefined],
    [object(10_001), 'too_many_members'],
    [list(100_000), undefined],
    [list(100_001), 'too_many_elements'],
    [`{"a":${list(100_001)}}`, 'too_many_elements'],
    [`[${object(9_999)},${object(9_999)}]`, undefined],
    [`["${','.repeat(200_000)}"]`, undefined],
  ])('is counted for each object and list (%#)', (text, problem) => {
    expect(findShapeProblem(text, LIMITS)).toBe(problem);
  });

  it('is counted over every level of any value', () => {
    const widest = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? Math.max(Object.keys(value).length, ...Object.values(value).map(widest))
        : 0;
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 1, max: 6 }), (value, most) => {
        const limits = { depth: 64, members: most, elements: most };
        expect(findShapeProblem(JSON.stringify(value), limits) !== undefined).toBe(widest(value) > most);
      }),
    );
  });
});
