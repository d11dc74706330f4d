import { type Box, type Comparison, createFront, findSplitPoint } from './middle-snake.ts';
import { slideInsertions } from './slide-insertions.ts';

/** What happens to one line on the way from old to new. */
export type Edit = 'keep' | 'delete' | 'insert';

/** Keeps the worst case at a fraction of a second; a part that costs more is shown as replaced whole. */
const SEARCH_BUDGET = 10_000_000;

interface Search extends Comparison {
  readonly edits: Edit[];
  /** Where in `edits` each insertion was begun. */
  readonly insertions: Set<number>;
}

/**
 * The shortest way from one list of lines to another (Myers, "An O(ND) Difference Algorithm and Its Variations",
 * 1986, in linear space). Of several equally short ways it takes the one that the reference shows (observed).
 */
export function shortestEdits(oldLines: readonly string[], newLines: readonly string[]): Edit[] {
  const idOf = numberer();
  const oldIds = oldLines.map(idOf);
  const newIds = newLines.map(idOf);
  const search: Search = {
    oldIds,
    newIds,
    forward: createFront(oldIds.length, newIds.length),
    backward: createFront(oldIds.length, newIds.length),
    budget: SEARCH_BUDGET,
    edits: [],
    insertions: new Set(),
  };
  compare(search, { oldStart: 0, oldEnd: oldIds.length, newStart: 0, newEnd: newIds.length });
  slideInsertions(search.edits, search.insertions, newIds);
  return search.edits;
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

function compare(search: Search, box: Box): void {
  const { oldIds, newIds } = search;
  let { oldStart, oldEnd, newStart, newEnd } = box;
  while (oldStart < oldEnd && newStart < newEnd && oldIds[oldStart] === newIds[newStart]) {
    oldStart++;
    newStart++;
  }
  record(search, 'keep', oldStart - box.oldStart);
  while (oldStart < oldEnd && newStart < newEnd && oldIds[oldEnd - 1] === newIds[newEnd - 1]) {
    oldEnd--;
    newEnd--;
  }
  compareDifferent(search, { oldStart, oldEnd, newStart, newEnd });
  record(search, 'keep', box.oldEnd - oldEnd);
}

/** `box` neither begins nor ends with equal lines. */
function compareDifferent(search: Search, box: Box): void {
  const { oldStart, oldEnd, newStart, newEnd } = box;
  const split = oldStart < oldEnd && newStart < newEnd ? findSplitPoint(search, box) : undefined;
  if (!split) {
    record(search, 'delete', oldEnd - oldStart);
    record(search, 'insert', newEnd - newStart);
    return;
  }
  const [oldSplit, newSplit] = split;
  compare(search, { oldStart, oldEnd: oldSplit, newStart, newEnd: newSplit });
  compare(search, { oldStart: oldSplit, oldEnd, newStart: newSplit, newEnd });
}

function record(search: Search, edit: Edit, count: number): void {
  if (edit === 'insert') search.insertions.add(search.edits.length);
  for (let i = 0; i < count; i++) search.edits.push(edit);
}
