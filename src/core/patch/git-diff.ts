import { decodeText } from './read-text.ts';
import { blobId, type TreeEntry } from './tree-entry.ts';
import { unifiedDiff } from './unified-diff.ts';

const CONTEXT_LINES = 3;

/** One file from an earlier moment to a later one. Names are without `a/` and `b/`. */
export interface FileComparison {
  readonly oldName: string;
  readonly newName: string;
  readonly before: TreeEntry | undefined;
  readonly after: TreeEntry | undefined;
}

/** The comparison in git's format (protocol-v1, section 12, turn_diff); `''` when the content is the same. */
export function gitDiff({ oldName, newName, before, after }: FileComparison): string {
  if (!before && !after) return '';
  if (before && after && before.bytes.equals(after.bytes)) return '';
  const header = [
    `diff --git a/${oldName} b/${newName}`,
    ...modeLines(before, after),
    `index ${blobId(before)}..${blobId(after)}`,
  ];
  const body = contentDiff(before, after);
  if (body === '') return `${header.join('\n')}\n`;
  const names = [
    `--- ${before ? `a/${oldName}` : '/dev/null'}`,
    `+++ ${after ? `b/${newName}` : '/dev/null'}`,
  ];
  return `${[...header, ...names].join('\n')}\n${body}`;
}

function modeLines(before: TreeEntry | undefined, after: TreeEntry | undefined): string[] {
  if (!before) return after ? [`new file mode ${after.mode}`] : [];
  if (!after) return [`deleted file mode ${before.mode}`];
  return before.mode === after.mode ? [] : [`old mode ${before.mode}`, `new mode ${after.mode}`];
}

function contentDiff(before: TreeEntry | undefined, after: TreeEntry | undefined): string {
  const oldText = before ? decodeText(before.bytes) : '';
  const newText = after ? decodeText(after.bytes) : '';
  if (oldText === undefined || newText === undefined) return 'Binary files differ\n';
  return unifiedDiff(oldText, newText, CONTEXT_LINES);
}
