import { trim, trimEnd } from './white-space.ts';

/** Typographic characters that models write and read as their ASCII look-alikes (observed, one by one). */
const LOOK_ALIKES: readonly (readonly [RegExp, string])[] = [
  [/[\u2010-\u2015\u2212]/g, '-'],
  [/[\u2018-\u201b]/g, "'"],
  [/[\u201c-\u201f]/g, '"'],
  [/[\u00a0\u2002-\u200a\u202f\u205f\u3000]/g, ' '],
];

/** What two lines must share to count as equal, strictest first. */
const TOLERANCES: readonly ((line: string) => string)[] = [
  (line) => line,
  trimEnd,
  trim,
  (line) => LOOK_ALIKES.reduce((text, [pattern, ascii]) => text.replace(pattern, ascii), trim(line)),
];

/**
 * Finds a run of lines at or after `from`, with `atEnd` only as the very end of `lines`. A strict match further down
 * wins over a tolerant one further up (protocol-v1, section 12).
 * @returns the index of the first line, `undefined` when there is no such run
 */
export function findLines(
  lines: readonly string[],
  wanted: readonly string[],
  from: number,
  atEnd: boolean,
): number | undefined {
  const last = lines.length - wanted.length;
  const first = atEnd ? Math.max(from, last) : from;
  for (const normalise of TOLERANCES) {
    const pattern = wanted.map(normalise);
    const matches = (at: number) => pattern.every((line, i) => normalise(lines[at + i] ?? '') === line);
    for (let at = first; at <= last; at++) {
      if (matches(at)) return at;
    }
  }
  return undefined;
}
