import { type Box, type Comparison, findSplitPoint } from './middle-snake.ts';
import { slideRuns } from './slide-edits.ts';

/** What happens to one line on the way from old to new. */
export type Edit = 'keep' | 'delete' | 'insert';

/** Keeps the worst case at a fraction of a second; a part that costs more is shown as replaced whole. */
const SEARCH_BUDGET = 10_000_000;

/**
 * The shortest way from one list of lines to another (Myers, "An O(ND) Difference Algorithm and Its Variations",
 * 1986, in linear space). Of several equally short ways it takes the one that the reference shows (observed).
 */
export function shortestEdits(oldLines: readonly string[], newLines: readonly string[]): Edit[] {
  const idOf = numberer();
  const oldIds = oldLines.map(idOf);
  const newIds = newLines.map(idOf);
  const edits: Edit[] = [];
  compare(
    { oldIds, newIds, budget: SEARCH_BUDGET },
    { oldStart: 0, oldEnd: oldIds.length, newStart: 0, newEnd: newIds.length },
    edits,
  );
  slideRuns(edits, 'delete', oldIds);
  slideRuns(edits, 'insert', newIds);
  return edits;
}

/** Equal lines get equal numbers, which are cheaper to compare. */
function numberer(): (line: string) => number {
  const ids = new Map<string, number>();
  return (line) => {
    const id = ids.get(line) ?? ids.size;
    ids.set(line, id);
    return id;
  };
}

function compare(comparison: Comparison, box: Box, edits: Edit[]): void {
  const { oldIds, newIds } = comparison;
  let { oldStart, oldEnd, newStart, newEnd } = box;
  while (oldStart < oldEnd && newStart < newEnd && oldIds[oldStart] === newIds[newStart]) {
    edits.push('keep');
    oldStart++;
    newStart++;
  }
  let suffix = 0;
  while (oldStart < oldEnd && newStart < newEnd && oldIds[oldEnd - 1] === newIds[newEnd - 1]) {
    suffix++;
    oldEnd--;
    newEnd--;
  }
  compareDifferent(comparison, { oldStart, oldEnd, newStart, newEnd }, edits);
  push(edits, 'keep', suffix);
}

/** `box` neither begins nor ends with equal lines. */
function compareDifferent(comparison: Comparison, box: Box, edits: Edit[]): void {
  const { oldStart, oldEnd, newStart, newEnd } = box;
  const split =
    oldStart < oldEnd && newStart < newEnd ? findSplitPoint(comparison, box) : undefined;
  if (!split) {
    push(edits, 'delete', oldEnd - oldStart);
    push(edits, 'insert', newEnd - newStart);
    return;
  }
  const [oldSplit, newSplit] = split;
  compare(comparison, { oldStart, oldEnd: oldSplit, newStart, newEnd: newSplit }, edits);
  compare(comparison, { oldStart: oldSplit, oldEnd, newStart: newSplit, newEnd }, edits);
}

function push(edits: Edit[], edit: Edit, count: number): void {
  for (let i = 0; i < count; i++) edits.push(edit);
}
