import type { Written } from './appender.ts';

/** What was written and is not known to be on the disk, so that it can be written again when a sync failed. */
export interface Unsynced {
  readonly bytes: number;
  readonly records: readonly Written[];
  readonly last: Written | undefined;
  add(written: Written): void;
  /** Stands for everything added so far. */
  mark(): number;
  /** Forgets what was added before the mark was taken. */
  forget(mark: number): void;
  /** Forgets the last one. */
  dropLast(): void;
}

interface Numbered extends Written {
  readonly number: number;
  readonly bytes: number;
}

const sizeOf = ({ chunks }: Written): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0);

export function unsyncedRecords(): Unsynced {
  let records: Numbered[] = [];
  let bytes = 0;
  let added = 0;
  return {
    get bytes() {
      return bytes;
    },
    get records() {
      return records;
    },
    get last() {
      return records.at(-1);
    },
    add(written) {
      added += 1;
      const size = sizeOf(written);
      records.push({ ...written, number: added, bytes: size });
      bytes += size;
    },
    mark: () => added,
    forget(mark) {
      records = records.filter(({ number }) => number > mark);
      bytes = records.reduce((sum, written) => sum + written.bytes, 0);
    },
    dropLast() {
      bytes -= records.pop()?.bytes ?? 0;
    },
  };
}
