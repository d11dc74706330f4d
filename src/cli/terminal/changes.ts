import type { FileChange, FileChanges } from '../../protocol/vocabulary/event-parts.ts';
import type { Colour, Screen } from './screen.ts';
import { visible, visibleLine } from './visible.ts';

/** Shows changed files as diffs. */
export function showChanges(screen: Screen, changes: FileChanges): void {
  for (const [path, change] of Object.entries(changes)) {
    screen.talk(`${headline(visibleLine(path), change)}\n`, 'bold');
    for (const line of diffLines(change)) screen.talk(`${visible(line)}\n`, colourOf(line));
  }
}

function headline(path: string, change: FileChange): string {
  if ('add' in change) return `A ${path}`;
  if ('delete' in change) return `D ${path}`;
  const { move_path: target } = change.update;
  return target === null ? `M ${path}` : `R ${path} -> ${visibleLine(target)}`;
}

function diffLines(change: FileChange): string[] {
  if ('update' in change) return linesOf(change.update.unified_diff);
  if ('add' in change) return linesOf(change.add.content).map((line) => `+${line}`);
  return [];
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

function colourOf(line: string): Colour | undefined {
  if (line.startsWith('+')) return 'green';
  if (line.startsWith('-')) return 'red';
  return line.startsWith('@@') ? 'cyan' : undefined;
}
