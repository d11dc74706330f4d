import { PatchError } from './errors.ts';

/** Where the parser stands. `at` moves on as lines are taken; `end` is the index of the closing mark. */
export interface PatchLines {
  readonly lines: readonly string[];
  at: number;
  readonly end: number;
}

/** @param index index of the line at fault; the message counts lines from 1 */
export function invalidHunk(index: number, problem: string): PatchError {
  return new PatchError(`invalid hunk at line ${index + 1}, ${problem}`);
}
