import type { FileChange, FileChanges } from '../../protocol/vocabulary/event-parts.ts';
import { PatchError } from '../patch/errors.ts';
import type { Chunk, Hunk } from '../patch/hunk.ts';
import { parsePatch } from '../patch/parse.ts';

/** What a patch was to change, as far as its own text tells; `undefined` for a text that is none. */
export function previewPatch(patch: string): FileChanges | undefined {
  try {
    return Object.fromEntries(parsePatch(patch).map((hunk) => [hunk.path, toChange(hunk)]));
  } catch (error) {
    if (error instanceof PatchError) return undefined;
    throw error;
  }
}

function toChange(hunk: Hunk): FileChange {
  switch (hunk.type) {
    case 'add':
      return { add: { content: hunk.content } };
    case 'delete':
      return { delete: { content: '' } };
    case 'update':
      return {
        update: { unified_diff: hunk.chunks.map(toText).join(''), move_path: hunk.moveTo ?? null },
      };
  }
}

/** Without line numbers, which only the files knew. */
function toText({ header, oldLines, newLines }: Chunk): string {
  const start = commonStart(oldLines, newLines);
  const end = commonStart(oldLines.slice(start).reverse(), newLines.slice(start).reverse());
  const lines = [
    header === undefined ? '@@' : `@@ ${header}`,
    ...oldLines.slice(0, start).map((line) => ` ${line}`),
    ...oldLines.slice(start, oldLines.length - end).map((line) => `-${line}`),
    ...newLines.slice(start, newLines.length - end).map((line) => `+${line}`),
    ...oldLines.slice(oldLines.length - end).map((line) => ` ${line}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function commonStart(one: readonly string[], other: readonly string[]): number {
  const differs = one.findIndex((line, index) => line !== other[index]);
  return differs === -1 ? Math.min(one.length, other.length) : differs;
}
