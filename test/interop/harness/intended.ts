import { isDeepStrictEqual } from 'node:util';
import { ABSENT, type Difference } from './compare.ts';

/** A value as it is, a pattern for its text (JSON unless it is a string), or `ABSENT`. */
export type Expected = unknown;

/** One difference that codexd has on purpose. It covers exactly the values it names. */
export interface IntendedDifference {
  /** Names of the cases that show it, `*` for any. */
  readonly cases: readonly string[];
  /** The path as it is reported; `*` stands for any text. */
  readonly path: string;
  readonly reference: Expected;
  readonly codexd: Expected;
  readonly reason: string;
  /** Number of the point in protocol-v1, section 22.1, when it is one of them. */
  readonly point?: number;
  /** The difference may fail to appear, as the reference itself is not the same every time. */
  readonly sometimes?: boolean;
}

export function findIntended(
  name: string,
  difference: Difference,
  intended: readonly IntendedDifference[],
): IntendedDifference | undefined {
  return intended.find(
    (entry) =>
      entry.cases.some((pattern) => pattern === '*' || pattern === name) &&
      globMatches(entry.path, difference.path) &&
      fits(entry.reference, difference.reference) &&
      fits(entry.codexd, difference.codexd),
  );
}

function fits(expected: Expected, value: unknown): boolean {
  if (!(expected instanceof RegExp)) return isDeepStrictEqual(expected, value);
  return value !== ABSENT && expected.test(typeof value === 'string' ? value : JSON.stringify(value));
}

function globMatches(glob: string, path: string): boolean {
  const pattern = glob.replace(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${pattern}$`).test(path);
}
