/** The part of two sequences under comparison, ends exclusive. */
export interface Box {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

/** Two sequences of numbers to compare, and how many more diagonals may be visited. */
export interface Comparison {
  readonly oldIds: readonly number[];
  readonly newIds: readonly number[];
  budget: number;
}

/** A place on a shortest path: `[old index, new index]`. */
export type SplitPoint = readonly [number, number];

/** How far the search got on each diagonal, seen from one corner of the box. */
type Front = Map<number, number>;

/**
 * Finds a place on a shortest path through the box by searching from both corners at once (Myers 1986, section 4b).
 * @returns `undefined` when the budget ran out
 */
export function findSplitPoint(comparison: Comparison, box: Box): SplitPoint | undefined {
  const width = box.oldEnd - box.oldStart;
  const height = box.newEnd - box.newStart;
  const delta = width - height;
  const forward: Front = new Map([[1, 0]]);
  const backward: Front = new Map([[1, 0]]);
  for (let depth = 0; comparison.budget > 0; depth++) {
    comparison.budget -= 2 * depth + 2;
    const meeting =
      extendForward(comparison, box, forward, depth, (diagonal, x) => {
        const opposite = delta - diagonal;
        return delta % 2 !== 0 && Math.abs(opposite) < depth && x + reach(backward, opposite) >= width;
      }) ??
      extendBackward(comparison, box, backward, depth, (diagonal, x) => {
        const opposite = delta - diagonal;
        return delta % 2 === 0 && Math.abs(opposite) <= depth && x + reach(forward, opposite) >= width;
      });
    if (meeting) return meeting;
  }
  return undefined;
}

type Meets = (diagonal: number, x: number) => boolean;

/** One more edit from the upper left corner, on every diagonal; ends where the other front is met. */
function extendForward(
  { oldIds, newIds }: Comparison,
  box: Box,
  front: Front,
  depth: number,
  meets: Meets,
): SplitPoint | undefined {
  for (let diagonal = depth; diagonal >= -depth; diagonal -= 2) {
    const start = furthestStart(front, diagonal, depth);
    let x = box.oldStart + start;
    let y = box.newStart + start - diagonal;
    const split: SplitPoint = [x, y];
    while (x < box.oldEnd && y < box.newEnd && oldIds[x] === newIds[y]) {
      x++;
      y++;
    }
    front.set(diagonal, x - box.oldStart);
    if (meets(diagonal, x - box.oldStart)) return split;
  }
  return undefined;
}

/** The same from the lower right corner; distances count from there. */
function extendBackward(
  { oldIds, newIds }: Comparison,
  box: Box,
  front: Front,
  depth: number,
  meets: Meets,
): SplitPoint | undefined {
  for (let diagonal = depth; diagonal >= -depth; diagonal -= 2) {
    const start = furthestStart(front, diagonal, depth);
    let x = box.oldEnd - start;
    let y = box.newEnd - start + diagonal;
    while (x > box.oldStart && y > box.newStart && oldIds[x - 1] === newIds[y - 1]) {
      x--;
      y--;
    }
    front.set(diagonal, box.oldEnd - x);
    if (meets(diagonal, box.oldEnd - x)) return [x, y];
  }
  return undefined;
}

function furthestStart(front: Front, diagonal: number, depth: number): number {
  const left = reach(front, diagonal - 1);
  const right = reach(front, diagonal + 1);
  return diagonal === -depth || (diagonal !== depth && left < right) ? right : left + 1;
}

function reach(front: Front, diagonal: number): number {
  return front.get(diagonal) ?? 0;
}
