import { entriesOfLine } from './entry.ts';
import { parseLine } from './line.ts';
import { type Place, TextBlocks } from './text-blocks.ts';
import type { StoredEntry } from './types.ts';

/**
 * The lines of a rollout that hold entries, as they stand in the file. A long conversation that somebody only looks at
 * is never made into objects.
 */
export class StoredLines {
  readonly #places: Place[] = [];
  readonly #blocks = new TextBlocks();
  readonly #isByLaterRelease: boolean;

  /** @param isByLaterRelease see `entriesOfLine` */
  constructor(isByLaterRelease: boolean) {
    this.#isByLaterRelease = isByLaterRelease;
  }

  /** @param line text in UTF-8, without its end */
  add(line: Buffer): void {
    this.#places.push(this.#blocks.add(line, line.length));
  }

  *entries(): Generator<StoredEntry> {
    for (const { block, start, end } of this.#places)
      yield* entriesOfLine(parseLine(block.toString('utf8', start, end)), this.#isByLaterRelease);
  }
}
