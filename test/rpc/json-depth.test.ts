import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNestedDeeperThan } from '../../src/rpc/json-depth.ts';

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
