import { PatchError } from './errors.ts';
import type { Hunk } from './hunk.ts';
import { parseChunks } from './parse-chunks.ts';
import { invalidHunk, type PatchLines } from './patch-lines.ts';
import { trim } from './white-space.ts';

const BEGIN = '*** Begin Patch';
const END = '*** End Patch';
const ADD = '*** Add File: ';
const DELETE = '*** Delete File: ';
const UPDATE = '*** Update File: ';
const MOVE = '*** Move to: ';

/**
 * Reads the text of a patch, which may be wrapped in `<<'EOF'` and `EOF` (protocol-v1, section 12).
 * @returns nothing for a patch without hunks, which is well-formed
 * @throws {PatchError} `invalid patch: …` or `invalid hunk at line N, …`
 */
export function parsePatch(text: string): Hunk[] {
  const lines = trim(text).split(/\r?\n/);
  const inside = boundaryProblem(lines) ? (unwrapHeredoc(lines) ?? lines) : lines;
  const problem = boundaryProblem(inside);
  if (problem) throw new PatchError(`invalid patch: ${problem}`);
  return parseHunks({ lines: inside, at: 1, end: inside.length - 1 });
}

function boundaryProblem(lines: readonly string[]): string | undefined {
  const isBlank = lines.length === 1 && lines[0] === '';
  if (lines[0] !== BEGIN && !isBlank) return `The first line of the patch must be '${BEGIN}'`;
  if (lines.at(-1) !== END) return `The last line of the patch must be '${END}'`;
  return undefined;
}

/** Models that are used to a shell send the heredoc's marks along. */
function unwrapHeredoc(lines: readonly string[]): string[] | undefined {
  const opened = /^<<(?:EOF|'EOF'|"EOF")$/.test(lines[0] ?? '');
  const closed = lines.at(-1)?.endsWith('EOF') ?? false;
  return opened && closed && lines.length >= 4 ? lines.slice(1, -1) : undefined;
}

function parseHunks(source: PatchLines): Hunk[] {
  const hunks: Hunk[] = [];
  while (source.at < source.end) hunks.push(parseHunk(source));
  return hunks;
}

function parseHunk(source: PatchLines): Hunk {
  const start = source.at++;
  const line = trim(source.lines[start] ?? '');
  if (line.startsWith(ADD)) return { type: 'add', path: line.slice(ADD.length), content: parseAdded(source) };
  if (line.startsWith(DELETE)) return { type: 'delete', path: line.slice(DELETE.length) };
  if (line.startsWith(UPDATE)) return parseUpdate(source, start, line.slice(UPDATE.length));
  throw invalidHunk(
    start,
    `'${line}' is not a valid hunk header. Valid hunk headers: '${ADD}{path}', '${DELETE}{path}', '${UPDATE}{path}'`,
  );
}

function parseAdded(source: PatchLines): string {
  let content = '';
  for (; source.at < source.end; source.at++) {
    const line = source.lines[source.at] ?? '';
    if (!line.startsWith('+')) break;
    content += `${line.slice(1)}\n`;
  }
  return content;
}

function parseUpdate(source: PatchLines, start: number, path: string): Hunk {
  const next = source.at < source.end ? (source.lines[source.at] ?? '') : '';
  const moveTo = next.startsWith(MOVE) ? next.slice(MOVE.length) : undefined;
  if (moveTo !== undefined) source.at++;
  const chunks = parseChunks(source);
  if (chunks.length === 0) throw invalidHunk(start, `Update file hunk for path '${path}' is empty`);
  return { type: 'update', path, moveTo, chunks };
}
