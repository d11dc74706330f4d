import type { Chunk } from './hunk.ts';
import { invalidHunk, type PatchLines } from './patch-lines.ts';
import { trim } from './white-space.ts';

const HEADER = '@@ ';
const EMPTY_HEADER = '@@';
const END_OF_FILE = '*** End of File';

/** Reads the chunks of an update up to the next hunk; blank lines between chunks are skipped. */
export function parseChunks(source: PatchLines): Chunk[] {
  const chunks: Chunk[] = [];
  while (source.at < source.end) {
    const line = source.lines[source.at] ?? '';
    if (trim(line) === '') source.at++;
    else if (line.startsWith('***')) break;
    else chunks.push(parseChunk(source, chunks.length === 0));
  }
  return chunks;
}

function parseChunk(source: PatchLines, headerMayBeMissing: boolean): Chunk {
  const start = source.at;
  const header = parseHeader(source, headerMayBeMissing);
  const oldLines: string[] = [];
  const newLines: string[] = [];
  const firstLine = source.at;
  for (; source.at < source.end; source.at++) {
    const line = source.lines[source.at] ?? '';
    if (line === END_OF_FILE || !/^(?:[ +-]|$)/.test(line)) break;
    if (!line.startsWith('+')) oldLines.push(line.slice(1));
    if (!line.startsWith('-')) newLines.push(line.slice(1));
  }
  const isEmpty = source.at === firstLine;
  const stoppedAt = source.at < source.end ? source.lines[source.at] : undefined;
  const atEndOfFile = stoppedAt === END_OF_FILE;
  if (isEmpty) throw invalidHunk(start + 1, emptyChunkProblem(atEndOfFile ? undefined : stoppedAt));
  if (atEndOfFile) source.at++;
  return { header, oldLines, newLines, atEndOfFile };
}

function parseHeader(source: PatchLines, mayBeMissing: boolean): string | undefined {
  const line = source.lines[source.at] ?? '';
  const isHeader = line === EMPTY_HEADER || line.startsWith(HEADER);
  if (isHeader) source.at++;
  else if (!mayBeMissing) {
    throw invalidHunk(source.at, `Expected update hunk to start with a @@ context marker, got: '${line}'`);
  }
  return line.startsWith(HEADER) ? line.slice(HEADER.length) : undefined;
}

function emptyChunkProblem(line: string | undefined): string {
  if (line === undefined) return 'Update hunk does not contain any lines';
  return (
    `Unexpected line found in update hunk: '${line}'. ` +
    "Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)"
  );
}
