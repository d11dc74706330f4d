import type { Edit } from './edit-script.ts';

/**
 * Moves every run of one kind of edit to the latest place that gives the same result, merging runs that meet on the
 * way. Changes `edits`; `ids` are the lines that the runs are made of, in their text's order.
 */
export function slideRuns(edits: Edit[], kind: Edit, ids: readonly number[]): void {
  let line = 0;
  for (let at = 0; at < edits.length; at++) {
    if (edits[at] === kind) {
      const run = slideDown(edits, kind, ids, slideUp(edits, kind, ids, runAt(edits, kind, at, line)));
      line = run.line + run.end - run.start;
      at = run.end - 1;
    } else if (edits[at] === 'keep') {
      line++;
    }
  }
}

/** Positions in the edits, end exclusive, and the line that the run starts with. */
interface Run {
  start: number;
  end: number;
  line: number;
}

function runAt(edits: readonly Edit[], kind: Edit, start: number, line: number): Run {
  let end = start;
  while (edits[end] === kind) end++;
  return { start, end, line };
}

function slideUp(edits: Edit[], kind: Edit, ids: readonly number[], run: Run): Run {
  let { start, end, line } = run;
  while (start > 0) {
    const before = edits[start - 1];
    if (before === undefined) break;
    if (before === kind) {
      start--;
      line--;
      continue;
    }
    if (before === 'keep') {
      if (ids[line - 1] !== ids[line + end - start - 1]) break;
      line--;
    }
    edits[--start] = kind;
    edits[--end] = before;
  }
  return { start, end, line };
}

function slideDown(edits: Edit[], kind: Edit, ids: readonly number[], run: Run): Run {
  let { start, end, line } = run;
  while (end < edits.length) {
    const after = edits[end];
    if (after === undefined) break;
    if (after === kind) {
      end++;
      continue;
    }
    if (after === 'keep') {
      if (ids[line] !== ids[line + end - start]) break;
      line++;
    }
    edits[start++] = after;
    edits[end++] = kind;
  }
  return { start, end, line };
}
