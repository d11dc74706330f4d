import type { IntendedDifference } from './harness/intended.ts';

/** Everything in which codexd differs from the reference on purpose. Any other difference fails the suite. */
export const INTENDED_DIFFERENCES: readonly IntendedDifference[] = [];
