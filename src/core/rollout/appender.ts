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
  /** How many lines of the batch are whole. */
  readonly lines: number;
}

export interface AppenderOptions {
  readonly files: FileSystem;
  readonly path: string;
  /** Told what others appended, before something of ours follows it. Must not throw. */
  readonly onForeign?: (lines: readonly string[]) => void;
}

export const isSameFile = (a: Pick<Stats, 'dev' | 'ino'>, b: Pick<Stats, 'dev' | 'ino'>): boolean =>
  a.dev === b.dev && a.ino === b.ino;

const onNewLine = (line: Buffer): Buffer => Buffer.concat([Buffer.from('\n'), line]);

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
    const { end = this.#size, batch, lines = 0 } = this.#residue ?? {};
    this.#residue = { end, batch, lines };
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
    const { end, isTorn } = this.#settle(fileSize);
    const kept = this.#residue?.batch === batch ? this.#residue.lines : 0;
    const [first, ...rest] = batch.lines.slice(batch.linesDone + kept);
    const chunks = first === undefined ? [] : [isTorn ? onNewLine(first) : first, ...rest];
    let [position, lines] = [end, kept];
    try {
      for (const chunk of chunks) {
        for (const bytes of this.#writeWhole(chunk)) position += bytes;
        lines += 1;
      }
    } catch (error) {
      this.#residue = { end: position, batch, lines };
      this.#takeBackNow();
      throw error;
    }
    this.#residue = undefined;
    this.#size = position;
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

  /** Where to append, and whether a torn line ends there, which must not swallow ours. */
  #settle(fileSize: number): { end: number; isTorn: boolean } {
    if (this.#takeBack(fileSize) || fileSize === this.#size) return { end: this.#size, isTorn: false };
    const known = this.#residue?.end ?? this.#size;
    if (fileSize > known) this.#takeIn(known, fileSize);
    return { end: fileSize, isTorn: !endsWithNewline(this.#options.files, this.#fd, fileSize) };
  }

  #takeIn(start: number, end: number): void {
    const { files, path, onForeign } = this.#options;
    const residue = this.#residue;
    const lines = foreignLines(files, { fd: this.#fd, path }, start, end);
    // The first foreign line is part of ours when ours was torn.
    const isGlued = residue !== undefined && !endsWithNewline(files, this.#fd, start);
    if (residue?.batch !== undefined) residue.batch.linesDone += residue.lines;
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
      // A file that may only grow keeps the piece, and the next record starts a line of its own.
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
