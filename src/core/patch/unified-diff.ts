import { type Edit, shortestEdits } from './edit-script.ts';
import { splitLines } from './split-lines.ts';

const NO_NEWLINE = '\\ No newline at end of file\n';

/** Lines of both texts that an edit script passes through, ends exclusive. */
interface Span {
  readonly oldStart: number;
  readonly oldEnd: number;
  readonly newStart: number;
  readonly newEnd: number;
}

/**
 * The hunks of a unified diff, without file headers; `''` when nothing differs.
 * @param context unchanged lines around each change
 */
export function unifiedDiff(oldText: string, newText: string, context: number): string {
  const oldLines = splitLines(oldText);
  const newLines = splitLines(newText);
  const changes = changedSpans(shortestEdits(oldLines, newLines));
  const hunks = groupChanges(changes, 2 * context);
  return hunks.map((hunk) => formatHunk(hunk, context, oldLines, newLines)).join('');
}

/** Runs of edits without a kept line between them. */
function changedSpans(edits: readonly Edit[]): Span[] {
  const spans: Span[] = [];
  let oldEnd = 0;
  let newEnd = 0;
  let start: { oldStart: number; newStart: number } | undefined;
  for (const edit of [...edits, 'keep' as const]) {
    if (edit === 'keep' && start) {
      spans.push({ ...start, oldEnd, newEnd });
      start = undefined;
    } else if (edit !== 'keep') {
      start ??= { oldStart: oldEnd, newStart: newEnd };
    }
    if (edit !== 'insert') oldEnd++;
    if (edit !== 'delete') newEnd++;
  }
  return spans;
}

/** Changes with at most `maxGap` kept lines between them share a hunk. */
function groupChanges(changes: readonly Span[], maxGap: number): Span[][] {
  const groups: Span[][] = [];
  for (const change of changes) {
    const group = groups.at(-1);
    const previous = group?.at(-1);
    if (group && previous && change.oldStart - previous.oldEnd <= maxGap) group.push(change);
    else groups.push([change]);
  }
  return groups;
}

function formatHunk(
  changes: readonly Span[],
  context: number,
  oldLines: readonly string[],
  newLines: readonly string[],
): string {
  const [first, last] = [changes.at(0), changes.at(-1)];
  if (!first || !last) return '';
  const lead = Math.min(context, first.oldStart);
  const trail = Math.min(context, oldLines.length - last.oldEnd);
  const oldRange = formatRange(first.oldStart - lead, last.oldEnd + trail);
  const newRange = formatRange(first.newStart - lead, last.newEnd + trail);
  let text = `@@ -${oldRange} +${newRange} @@\n`;
  let kept = first.oldStart - lead;
  for (const change of changes) {
    text += formatLines(' ', oldLines.slice(kept, change.oldStart));
    text += formatLines('-', oldLines.slice(change.oldStart, change.oldEnd));
    text += formatLines('+', newLines.slice(change.newStart, change.newEnd));
    kept = change.oldEnd;
  }
  return text + formatLines(' ', oldLines.slice(kept, kept + trail));
}

/** `start,length` in lines from 1; an empty range names the line before it, a single line has no length. */
function formatRange(start: number, end: number): string {
  const length = end - start;
  if (length === 1) return `${start + 1}`;
  return `${length === 0 ? start : start + 1},${length}`;
}

function formatLines(sign: string, lines: readonly string[]): string {
  return lines.map((line) => sign + line + (/[\r\n]$/.test(line) ? '' : `\n${NO_NEWLINE}`)).join('');
}
