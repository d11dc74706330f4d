import { PatchError } from './errors.ts';
import { findLines } from './find-lines.ts';
import type { Chunk } from './hunk.ts';

interface Replacement {
  readonly at: number;
  readonly count: number;
  readonly lines: readonly string[];
}

/**
 * Applies the chunks of an update to a file's text. The result ends with a newline unless it is empty.
 * @param path names the file in errors
 * @throws {PatchError} when a header or the lines of a chunk are not there
 */
export function editText(text: string, chunks: readonly Chunk[], path: string): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const edited = replaceLines(lines, locateChunks(lines, chunks, path));
  if (edited.at(-1) !== '') edited.push('');
  return edited.join('\n');
}

function replaceLines(lines: readonly string[], replacements: readonly Replacement[]): string[] {
  const edited: (readonly string[])[] = [];
  let done = 0;
  for (const { at, count, lines: newLines } of replacements.toSorted((a, b) => a.at - b.at)) {
    edited.push(lines.slice(done, at), newLines);
    done = Math.max(done, at + count);
  }
  return [...edited, lines.slice(done)].flat();
}

function locateChunks(lines: readonly string[], chunks: readonly Chunk[], path: string): Replacement[] {
  let replacedTo = 0;
  let from = 0;
  return chunks.map((chunk) => {
    if (chunk.header !== undefined) from = findHeader(lines, chunk.header, from, path) + 1;
    if (chunk.oldLines.length === 0) return { at: endOfText(lines), count: 0, lines: chunk.newLines };
    const start = chunk.atEndOfFile ? replacedTo : from;
    const replacement =
      locateChunk(lines, chunk, start) ?? locateWithoutBlankEnd(lines, chunk, { from, start });
    if (!replacement) {
      throw new PatchError(`Failed to find expected lines in ${path}:\n${chunk.oldLines.join('\n')}`);
    }
    from = replacement.at + replacement.count;
    replacedTo = from;
    return replacement;
  });
}

function findHeader(lines: readonly string[], header: string, from: number, path: string): number {
  const at = findLines(lines, [header], from, false);
  if (at === undefined) throw new PatchError(`Failed to find context '${header}' in ${path}`);
  return at;
}

/** Additions without context go to the end, before a blank last line. */
function endOfText(lines: readonly string[]): number {
  return lines.at(-1) === '' ? lines.length - 1 : lines.length;
}

function locateChunk(lines: readonly string[], chunk: Chunk, start: number): Replacement | undefined {
  const at = findLines(lines, chunk.oldLines, start, chunk.atEndOfFile);
  return at === undefined ? undefined : { at, count: chunk.oldLines.length, lines: chunk.newLines };
}

/** A blank last line may stand for the newline at the end of the file, or come from careless spacing. */
function locateWithoutBlankEnd(
  lines: readonly string[],
  chunk: Chunk,
  { from, start }: { from: number; start: number },
): Replacement | undefined {
  if (chunk.oldLines.at(-1) !== '') return undefined;
  const oldLines = chunk.oldLines.slice(0, -1);
  const newLines = chunk.newLines.at(-1) === '' ? chunk.newLines.slice(0, -1) : chunk.newLines;
  if (oldLines.length === 0) return { at: from, count: 0, lines: newLines };
  return locateChunk(lines, { ...chunk, oldLines, newLines }, start);
}
