import type { FileChange, FileChanges } from '../../protocol/vocabulary/event-parts.ts';

export interface ShownChange {
  readonly path: string;
  readonly movedTo: string | undefined;
  readonly sign: 'A' | 'D' | 'M' | 'R';
  /** A unified diff. */
  readonly diff: string;
  readonly added: number;
  readonly removed: number;
}

export const showChanges = (changes: FileChanges): ShownChange[] =>
  Object.entries(changes).map(([path, change]) => showChange(path, change));

function showChange(path: string, change: FileChange): ShownChange {
  if ('add' in change)
    return withCounts({ path, movedTo: undefined, sign: 'A', diff: marked('+', change.add.content) });
  if ('delete' in change)
    return withCounts({ path, movedTo: undefined, sign: 'D', diff: marked('-', change.delete.content) });
  const { unified_diff: diff, move_path: target } = change.update;
  return withCounts({ path, movedTo: target ?? undefined, sign: target === null ? 'M' : 'R', diff });
}

function marked(sign: string, content: string): string {
  if (content === '') return '';
  const lines = content.replace(/\n$/, '').split('\n');
  const [before, after] = sign === '+' ? ['0,0', `1,${lines.length}`] : [`1,${lines.length}`, '0,0'];
  return [`@@ -${before} +${after} @@`, ...lines.map((line) => sign + line)].join('\n');
}

function withCounts(change: Omit<ShownChange, 'added' | 'removed'>): ShownChange {
  const lines = change.diff.split('\n');
  const count = (sign: string): number =>
    lines.filter((line) => line.startsWith(sign) && !line.startsWith(sign.repeat(3))).length;
  return { ...change, added: count('+'), removed: count('-') };
}
