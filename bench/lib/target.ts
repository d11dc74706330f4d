import type { Figure } from './table.ts';

/** What a figure of codexd has to reach. */
export interface Target {
  readonly text: string;
  /** `undefined` when a figure that it needs is missing. */
  isMet(figures: Readonly<Record<string, Figure>>): boolean | undefined;
}

const SUBJECT = 'codexd';

/** How far figures of the same work lie apart anyway. */
const NOISE = 1.1;

/** Needs no more than so many times what another contender needs. */
export const atMost = (factor: number, than: string): Target => ({
  text: `<= ${factor.toFixed(1)}x ${than}`,
  isMet: (figures) => compare(figures[SUBJECT], figures[than], (ours, theirs) => ours <= factor * theirs),
});

/** Does at least so many times as much as another contender. */
export const atLeast = (factor: number, than: string): Target => ({
  text: `>= ${factor.toFixed(1)}x ${than}`,
  isMet: (figures) => compare(figures[SUBJECT], figures[than], (ours, theirs) => ours >= factor * theirs),
});

/** @param unit as in the row */
export const noMoreThan = (limit: number, unit: string): Target => ({
  text: `<= ${limit.toLocaleString('en-US')} ${unit}`,
  isMet: (figures) => compare(figures[SUBJECT], limit, (ours) => ours <= limit),
});

/** @param unit as in the row */
export const noLessThan = (limit: number, unit: string): Target => ({
  text: `>= ${limit.toLocaleString('en-US')} ${unit}`,
  isMet: (figures) => compare(figures[SUBJECT], limit, (ours) => ours >= limit),
});

/** Costs no more than so many times what a part of it that small cost. */
export const linear = (times: number, smaller: number): Target => ({
  text: `<= ${times}x the row above`,
  isMet: (figures) => compare(figures[SUBJECT], smaller, (ours) => ours <= times * smaller * NOISE),
});

function compare(
  ours: Figure | undefined,
  theirs: Figure | undefined,
  isReached: (ours: number, theirs: number) => boolean,
): boolean | undefined {
  if (typeof ours !== 'number' || typeof theirs !== 'number') return undefined;
  return isReached(ours, theirs);
}
