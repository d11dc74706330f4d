import type { Edit } from './edit-script.ts';

/**
 * Moves every insertion to the latest place that gives the same result, merging those that meet on the way. Changes
 * `edits`.
 * @param starts where in `edits` the search began an insertion: two in a row move one after the other
 * @param newIds what is inserted or kept, in the order of the new text
 */
export function slideInsertions(edits: Edit[], starts: ReadonlySet<number>, newIds: readonly number[]): void {
  let line = 0;
  for (let at = 0; at < edits.length; at++) {
    if (edits[at] === 'keep') line++;
    if (edits[at] !== 'insert') continue;
    const run = slideDown(edits, newIds, slideUp(edits, newIds, runFrom(edits, starts, at, line)));
    at = run.end - 1;
    line = run.line + run.end - run.start;
  }
}

/** Positions in the edits, end exclusive, and the new line that the run starts with. */
interface Run {
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

function runFrom(edits: readonly Edit[], starts: ReadonlySet<number>, start: number, line: number): Run {
  let end = start + 1;
  while (edits[end] === 'insert' && !starts.has(end)) end++;
  return { start, end, line };
}

function slideUp(edits: Edit[], newIds: readonly number[], run: Run): Run {
  let { start, end, line } = run;
  for (let before = edits[start - 1]; before; before = edits[start - 1]) {
    if (before === 'keep' && newIds[line - 1] !== newIds[line + end - start - 1]) break;
    if (before !== 'delete') line--;
    edits[--start] = 'insert';
    if (before !== 'insert') edits[--end] = before;
  }
  return { start, end, line };
}

function slideDown(edits: Edit[], newIds: readonly number[], run: Run): Run {
  let { start, end, line } = run;
  for (let after = edits[end]; after; after = edits[end]) {
    if (after === 'keep' && newIds[line] !== newIds[line + end - start]) break;
    if (after === 'keep') line++;
    edits[end++] = 'insert';
    if (after !== 'insert') edits[start++] = after;
  }
  return { start, end, line };
}
