import type { Stats } from 'node:fs';
import type { FileSystem } from '../files/file-system.ts';
import type { Batch } from './batch.ts';
import { endsWithNewline, foreignLines } from './foreign.ts';
import { storageConflict, storageFailure } from './storage-failure.ts';

/** Records as they are in the file. */
export interface Written {
  readonly batch: Batch;
  /** Offset of the first chunk; the others follow without a gap. */
  readonly start: number;
  readonly chunks: readonly Buffer[];
}

/** What a failed append left at the end of the file. */
interface Residue {
  readonly end: number;
  readonly batch: Batch | undefined;
  /** How many bytes of what the batch had left. */
  readonly bytes: number;
}

export interface AppenderOptions {
  readonly files: FileSystem;
  readonly path: string;
  /** Told what others appended, before something of ours follows it. Must not throw. */
  readonly onForeign?: (lines: readonly string[]) => void;
}

export const isSameFile = (a: Pick<Stats, 'dev' | 'ino'>, b: Pick<Stats, 'dev' | 'ino'>): boolean =>
  a.dev === b.dev && a.ino === b.ino;

const LINE_END = Buffer.from('\n');

/** The lines of a batch without so many bytes of them. */
function linesAfter(batch: Batch, bytes: number): Buffer[] {
  let passed = 0;
  return batch.lines.slice(batch.linesDone).flatMap((line) => {
    const rest = line.subarray(Math.max(0, bytes - passed));
    passed += line.length;
    return rest.length > 0 ? [rest] : [];
  });
}

/** Notes that so many bytes of the batch stay in the file, and with them some whole lines. */
function countDone(batch: Batch, bytes: number): void {
  let passed = 0;
  for (const line of batch.lines.slice(batch.linesDone)) {
    passed += line.length;
    if (passed > bytes) return;
    batch.linesDone += 1;
  }
}

/** Appends to a file opened with O_APPEND, which others may append to as well. */
export class LineAppender {
  readonly #options: AppenderOptions;
  #fd: number;
  #size: number;
  #residue: Residue | undefined;

  constructor(fd: number, options: AppenderOptions) {
    this.#options = options;
    this.#fd = fd;
    this.#size = options.files.fstatSync(fd).size;
  }

  /** Where our records end, with those of others before them. */
  get size(): number {
    return this.#size;
  }

  /**
   * All of the lines or none, as far as the file system lets us, each with one write as long as it is taken whole. The
   * writes are synchronous: they only fill the page cache, and the order of records is then that of the calls.
   * @returns `removed` when the file has no name any more, with nothing written
   * @throws RolloutError `storage_…`, naming the path and the cause
   */
  append(batch: Batch): Written | 'removed' {
    try {
      const fileSize = this.#inspect();
      return fileSize === undefined ? 'removed' : this.#write(batch, fileSize);
    } catch (error) {
      throw storageFailure(error, `cannot append to ${this.#options.path}`);
    }
  }

  /** Takes away what was written behind `start`, unless somebody else wrote after it. */
  cutBack(start: number): void {
    const { end = this.#size, batch, bytes = 0 } = this.#residue ?? {};
    this.#residue = { end, batch, bytes };
    this.#size = start;
    this.#takeBackNow();
  }

  /** Where a copy of the file has to end so that it is without the leavings of a failed append. */
  endOfRecords(fileSize: number): number {
    return this.#residue !== undefined && fileSize <= this.#residue.end ? this.#size : fileSize;
  }

  /**
   * Goes on with another descriptor.
   * @param copiedTo where the file ends if it is a copy; otherwise it is the same file
   */
  attach(fd: number, copiedTo?: number): void {
    this.#fd = fd;
    if (copiedTo === this.#size) this.#residue = undefined;
  }

  /** The size of the file, or nothing when it was removed; throws when it is not the one that we wrote. */
  #inspect(): number | undefined {
    const { files, path } = this.#options;
    const stats = files.fstatSync(this.#fd);
    const named = files.statSync(path, { throwIfNoEntry: false });
    if (named === undefined && stats.nlink === 0) return undefined;
    if (named !== undefined && !isSameFile(named, stats))
      throw storageConflict(path, 'another file has taken its place');
    if (stats.size < this.#size) throw storageConflict(path, 'somebody else shortened the file');
    return stats.size;
  }

  #write(batch: Batch, fileSize: number): Written {
    const before = this.#size;
    const end = this.#settle(fileSize);
    const earlier = this.#bytesOf(batch, end);
    const isTorn = end !== before && !endsWithNewline(this.#options.files, this.#fd, end);
    const separator = isTorn && earlier === 0 ? [LINE_END] : [];
    const chunks = [...separator, ...linesAfter(batch, earlier)];
    let written = 0;
    try {
      for (const chunk of chunks) for (const taken of this.#writeWhole(chunk)) written += taken;
    } catch (error) {
      const bytes = earlier + Math.max(0, written - separator.length);
      this.#residue = { end: end + written, batch, bytes };
      this.#takeBackNow();
      throw error;
    }
    this.#residue = undefined;
    this.#size = end + written;
    return { batch, start: end, chunks };
  }

  /** Gives the number of bytes after each write. */
  *#writeWhole(bytes: Buffer): Generator<number> {
    for (let written = 0; written < bytes.length; ) {
      const taken = this.#options.files.writeSync(this.#fd, bytes, written, bytes.length - written);
      written += taken;
      yield taken;
    }
  }

  /** Where to append. */
  #settle(fileSize: number): number {
    if (this.#takeBack(fileSize) || fileSize === this.#size) return this.#size;
    const known = this.#residue?.end ?? this.#size;
    if (fileSize > known) this.#takeIn(known, fileSize);
    return fileSize;
  }

  /** What an attempt that could not be taken back left of the batch at the end of the file. */
  #bytesOf(batch: Batch, end: number): number {
    const residue = this.#residue;
    return residue?.batch === batch && residue.end === end ? residue.bytes : 0;
  }

  #takeIn(start: number, end: number): void {
    const { files, path, onForeign } = this.#options;
    const residue = this.#residue;
    const lines = foreignLines(files, { fd: this.#fd, path }, start, end);
    // The first foreign line is part of ours when ours was torn.
    const isGlued = residue !== undefined && !endsWithNewline(files, this.#fd, start);
    if (residue?.batch !== undefined) countDone(residue.batch, residue.bytes);
    this.#residue = undefined;
    this.#size = end;
    const foreign = isGlued ? lines.slice(1) : lines;
    if (foreign.length > 0) onForeign?.(foreign);
  }

  #takeBack(fileSize: number): boolean {
    if (this.#residue === undefined || fileSize > this.#residue.end) return false;
    try {
      if (fileSize !== this.#size) this.#options.files.ftruncateSync(this.#fd, this.#size);
    } catch {
      // A file that may only grow keeps the piece; its own batch goes on from there, another begins a line.
      return false;
    }
    this.#residue = undefined;
    return true;
  }

  #takeBackNow(): void {
    try {
      this.#takeBack(this.#options.files.fstatSync(this.#fd).size);
    } catch {
      // The failure that led here is what the caller is told; the next append tries again.
    }
  }
}
