import { type Group, groupDeltas, joinDeltas, readDelta, withPiece } from './delta.ts';
import type { Frame } from './frame.ts';

/** Sequence numbers of the first and the last of some events. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** One event, or several deltas of the same text that became one. */
interface Entry extends Span {
  readonly frame: Frame;
  /** For deltas that became one: where in its bytes each of them ends. */
  readonly ends?: readonly number[];
}

/** Merging is put off until there is so much of it to do, and done in steps of at most so much. */
const WORTH_MERGING = 256;
const MERGED_AT_ONCE = 2_000;
/** Removing what was dropped moves all that is held, so that is done for many at once. */
const WORTH_MOVING = 256;

const sizeOf = ({ frame, ends }: Entry): number => frame.size + 8 * (ends?.length ?? 0);

/** The events of one log that can still be replayed, in order and without holes. */
export class RetainedEvents {
  readonly #idOf: (sequence: number) => string;
  #entries: Entry[] = [];
  /** Entries from the start that do not count any more. */
  #dropped = 0;
  /** Entries from the start that have been merged as far as they can. */
  #merged = 0;
  #size = 0;

  constructor(idOf: (sequence: number) => string) {
    this.#idOf = idOf;
  }

  /** Characters of serialised params, roughly. */
  get size(): number {
    return this.#size;
  }

  get oldest(): Span | undefined {
    return this.#oldest;
  }

  add(frame: Frame, sequence: number): void {
    const entry = { first: sequence, last: sequence, frame };
    this.#entries.push(entry);
    this.#size += sizeOf(entry);
  }

  /** Drops the oldest ones for as long as they are too much. */
  dropWhile(isTooMuch: (oldest: Span) => boolean): void {
    for (let entry = this.#oldest; entry && isTooMuch(entry); entry = this.#oldest) {
      this.#size -= sizeOf(entry);
      this.#dropped += 1;
    }
    if (this.#dropped >= WORTH_MOVING) this.#removeDropped();
  }

  /** What came after the one sequence number, up to the other. A merged event gives exactly the part that is asked for. */
  between(after: number, upTo: number): Frame[] {
    const frames: Frame[] = [];
    for (let index = this.#indexAfter(after); index < this.#entries.length; index++) {
      const entry = this.#entries[index];
      if (!entry || entry.first > upTo) break;
      frames.push(this.#part(entry, after, upTo));
    }
    return frames;
  }

  /** Merges the oldest deltas that have not been. False when that is not worth the trouble. */
  merge(): boolean {
    const start = Math.max(this.#merged, this.#dropped);
    if (this.#entries.length - start < WORTH_MERGING) return false;
    const before = this.#entries.slice(start, start + MERGED_AT_ONCE);
    const after = groupDeltas(before).flatMap(joinEntries);
    this.#entries.splice(start, before.length, ...after);
    this.#merged = start + after.length;
    for (const entry of before) this.#size -= sizeOf(entry);
    for (const entry of after) this.#size += sizeOf(entry);
    return true;
  }

  get #oldest(): Entry | undefined {
    return this.#entries[this.#dropped];
  }

  #removeDropped(): void {
    this.#entries.splice(0, this.#dropped);
    this.#merged = Math.max(0, this.#merged - this.#dropped);
    this.#dropped = 0;
  }

  /** Index of the first entry that has something after the sequence number. */
  #indexAfter(sequence: number): number {
    let [low, high] = [this.#dropped, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.last ?? Number.POSITIVE_INFINITY) > sequence) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #part(entry: Entry, after: number, upTo: number): Frame {
    const { first, last, frame, ends } = entry;
    if (!ends || (after < first && upTo >= last)) return frame;
    const delta = readDelta(frame);
    if (!delta) return frame;
    const end = Math.min(upTo, last);
    const bytes = delta.bytes.subarray(ends[after - first] ?? 0, ends[end - first]);
    return withPiece(frame, bytes, this.#idOf(end));
  }
}

/** One entry for deltas that belong together; anything else stays as it is. */
function joinEntries({ items, deltas }: Group<Entry>): Entry[] {
  const [first] = items;
  const last = items.at(-1);
  const frame = joinDeltas(deltas);
  if (!first || !last || !frame || items.length === 1) return items;
  return [{ first: first.first, last: last.last, frame, ends: endsOf(items, deltas) }];
}

function endsOf(entries: readonly Entry[], deltas: Group<Entry>['deltas']): number[] {
  let start = 0;
  return entries.flatMap(({ ends }, index) => {
    const length = deltas[index]?.bytes.length ?? 0;
    const own = (ends ?? [length]).map((end) => start + end);
    start += length;
    return own;
  });
}
