/** The part of two sequences under comparison, ends exclusive. */
export interface Box {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

/** Two sequences of numbers to compare, and how much work may still be spent on it. */
export interface Comparison {
  readonly oldIds: readonly number[];
  readonly newIds: readonly number[];
  readonly forward: Front;
  readonly backward: Front;
  /** Diagonals that may still be visited. */
  budget: number;
}

/** How far a search got on each diagonal, counted from its corner of the box. */
export interface Front {
  readonly reach: Int32Array;
  /** Index of diagonal 0. */
  readonly middle: number;
}

/** A place on a shortest path: `[old index, new index]`. */
export type SplitPoint = readonly [number, number];

export function createFront(oldLength: number, newLength: number): Front {
  const middle = oldLength + newLength + 1;
  return { reach: new Int32Array(2 * middle + 1), middle };
}

/**
 * Finds a place on a shortest path through the box by searching from both corners at once (Myers 1986, section 4b).
 * @returns `undefined` when the budget ran out
 */
export function findSplitPoint(comparison: Comparison, box: Box): SplitPoint | undefined {
  const { forward, backward } = comparison;
  forward.reach[forward.middle + 1] = 0;
  backward.reach[backward.middle + 1] = 0;
  for (let depth = 0; comparison.budget > 0; depth++) {
    comparison.budget -= 2 * depth + 2;
    const split = extendForward(comparison, box, depth) ?? extendBackward(comparison, box, depth);
    if (split) return split;
  }
  return undefined;
}

/** One more edit from the upper left corner on every diagonal; ends where the other front is met. */
function extendForward(
  { oldIds, newIds, forward, backward }: Comparison,
  box: Box,
  depth: number,
): SplitPoint | undefined {
  const delta = excess(box);
  for (let diagonal = depth; diagonal >= -depth; diagonal -= 2) {
    const start = furthestStart(forward, diagonal, depth);
    let x = box.oldStart + start;
    let y = box.newStart + start - diagonal;
    const split: SplitPoint = [x, y];
    while (x < box.oldEnd && y < box.newEnd && oldIds[x] === newIds[y]) {
      x++;
      y++;
    }
    forward.reach[forward.middle + diagonal] = x - box.oldStart;
    const opposite = delta - diagonal;
    const mayMeet = delta % 2 !== 0 && Math.abs(opposite) < depth;
    if (mayMeet && x + reachOn(backward, opposite) >= box.oldEnd) return split;
  }
  return undefined;
}

/** The same from the lower right corner. */
function extendBackward(
  { oldIds, newIds, forward, backward }: Comparison,
  box: Box,
  depth: number,
): SplitPoint | undefined {
  const delta = excess(box);
  for (let diagonal = depth; diagonal >= -depth; diagonal -= 2) {
    const start = furthestStart(backward, diagonal, depth);
    let x = box.oldEnd - start;
    let y = box.newEnd - start + diagonal;
    while (x > box.oldStart && y > box.newStart && oldIds[x - 1] === newIds[y - 1]) {
      x--;
      y--;
    }
    backward.reach[backward.middle + diagonal] = box.oldEnd - x;
    const opposite = delta - diagonal;
    const mayMeet = delta % 2 === 0 && Math.abs(opposite) <= depth;
    if (mayMeet && x - reachOn(forward, opposite) <= box.oldStart) return [x, y];
  }
  return undefined;
}

/** The diagonal of one corner, seen from the other. */
function excess(box: Box): number {
  return box.oldEnd - box.oldStart - (box.newEnd - box.newStart);
}

function furthestStart(front: Front, diagonal: number, depth: number): number {
  const left = reachOn(front, diagonal - 1);
  const right = reachOn(front, diagonal + 1);
  return diagonal === -depth || (diagonal !== depth && left < right) ? right : left + 1;
}

function reachOn({ reach, middle }: Front, diagonal: number): number {
  return reach[middle + diagonal] ?? 0;
}
