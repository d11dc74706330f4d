import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { allDone } from '../all-done.ts';
import { freeSpace } from '../files/free-space.ts';
import { isOutOfSpace } from '../files/storage-problem.ts';
import { type AppenderOptions, isSameFile, LineAppender } from './appender.ts';
import type { Batch } from './batch.ts';
import { RolloutError } from './errors.ts';
import { makeDirectoryOf, syncNames } from './new-names.ts';
import { saveRange } from './recovered.ts';
import { recreateFile } from './recreate.ts';
import { type FileIdentity, reopenFile, rewrite } from './reopen.ts';
import { storageConflict, storageFailure } from './storage-failure.ts';
import { type Unsynced, unsyncedRecords } from './unsynced.ts';

export interface RolloutFileOptions extends AppenderOptions {
  /** Whether to hold records until they are synced, so that a failed sync can be made good. */
  readonly keepsUnsynced: boolean;
  /** Takes the lock of the conversation for a descriptor that was not there at the start. */
  readonly lock: (fd: number) => Promise<void>;
  /** Told after a removed file was written again. */
  readonly onRecreated: () => void;
}

const MAX_UNSYNCED_BYTES = 16 * 1024 * 1024;
const ENOUGH_ROOM = 64 * 1024;

/** Errors that say something of the disk, but nothing of the descriptor. */
const isAboutSpace = ({ code }: RolloutError): boolean => isOutOfSpace(code) || code === 'EFBIG';

/** One open rollout, and what it takes to get over the troubles of its disk. */
export class RolloutFile {
  readonly #options: RolloutFileOptions;
  readonly #appender: LineAppender;
  readonly #unsynced: Unsynced = unsyncedRecords();
  #handle: FileHandle;
  #identity: FileIdentity;
  #unsyncedNames: readonly string[];
  /** Why the descriptor cannot be trusted any more. */
  #doubt: RolloutError | undefined;

  /** @param newNames directories with names that are not durable yet */
  constructor(handle: FileHandle, newNames: readonly string[], options: RolloutFileOptions) {
    this.#options = options;
    this.#handle = handle;
    this.#unsyncedNames = newNames;
    this.#identity = options.files.fstatSync(handle.fd);
    this.#appender = new LineAppender(handle.fd, options);
  }

  /** Bytes up to the end of the last record that we know of. */
  get size(): number {
    return this.#appender.size;
  }

  /** True while so much waits for a sync that nothing more should be written. */
  get isSaturated(): boolean {
    return this.#unsynced.bytes >= MAX_UNSYNCED_BYTES;
  }

  /**
   * Writes the records at once; after `removed` and most errors {@link restore} has to come first.
   * @throws RolloutError `storage_…`; nothing of the batch is then in the file, as far as that can be had
   */
  append(batch: Batch): 'written' | 'removed' {
    const { path, keepsUnsynced } = this.#options;
    try {
      const written = this.#appender.append(batch);
      if (written === 'removed') {
        this.#doubt ??= new RolloutError('storage_lost', `cannot append to ${path}: the file was removed`);
        return 'removed';
      }
      if (keepsUnsynced) this.#unsynced.add(written);
      return 'written';
    } catch (error) {
      const failure = storageFailure(error, `cannot append to ${path}`);
      if (!isAboutSpace(failure)) this.#doubt ??= failure;
      throw failure;
    }
  }

  /**
   * Makes durable what was written before the call.
   * @throws RolloutError; nothing is known of the data then, and {@link restore} has to come next
   */
  async sync(): Promise<void> {
    if (this.#doubt !== undefined) throw this.#doubt;
    try {
      await this.#syncWritten();
    } catch (error) {
      throw this.#distrust(error, 'cannot sync');
    }
  }

  /**
   * Makes the file usable, and all that was written durable, after whatever happened. Nobody may append meanwhile.
   * @throws RolloutError `storage_…`; with the problems of {@link storageFailure} it can be tried again later
   */
  async restore(): Promise<void> {
    if (this.#doubt === undefined) return;
    try {
      await this.#replaceDescriptor();
      await this.#syncWritten();
    } catch (error) {
      const failure = this.#distrust(error, 'cannot restore');
      this.#revoke(failure);
      throw failure;
    }
    this.#doubt = undefined;
  }

  /** @throws the failure again while the disk that it came from is still full */
  async requireRoom(failure: RolloutError): Promise<void> {
    const { files, path } = this.#options;
    const room = await freeSpace(files, dirname(path)).catch(() => 0);
    if (room < ENOUGH_ROOM) throw failure;
  }

  /** Keeps the content of a file that has no name any more; the path of the copy, if one had to be made. */
  async rescue(directory: string): Promise<string | undefined> {
    const { files, path } = this.#options;
    const { nlink, size } = await this.#handle.stat();
    if (nlink > 0) return undefined;
    return saveRange(this.#handle, { start: 0, end: size }, { directory, path, kind: 'conflict' }, files);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  get #isSynced(): boolean {
    const isKnown = this.#options.keepsUnsynced && this.#unsyncedNames.length === 0;
    return isKnown && this.#unsynced.records.length === 0 && this.#doubt === undefined;
  }

  async #syncWritten(): Promise<void> {
    const { files, path } = this.#options;
    const mark = this.#unsynced.mark();
    if (!this.#isSynced) await allDone([this.#handle.datasync(), syncNames(this.#unsyncedNames, files)]);
    this.#unsyncedNames = [];
    if (files.fstatSync(this.#handle.fd).nlink === 0)
      throw new RolloutError('storage_error', `cannot sync ${path}: the file was removed`);
    this.#unsynced.forget(mark);
  }

  async #replaceDescriptor(): Promise<void> {
    const { files, path } = this.#options;
    const named = files.statSync(path, { throwIfNoEntry: false });
    if (named !== undefined) {
      if (!isSameFile(named, this.#identity)) throw storageConflict(path, 'another file has taken its place');
      return this.#reopen();
    }
    if ((await this.#handle.stat()).nlink === 0) return this.#recreate();
    throw new RolloutError('storage_lost', `cannot go on with ${path}: the file failed and was moved away`);
  }

  async #reopen(): Promise<void> {
    const { files, path, lock } = this.#options;
    await this.#exchange(await reopenFile(path, this.#identity, files));
    await lock(this.#handle.fd);
    await rewrite(path, this.#identity, this.#unsynced.records, files);
  }

  async #recreate(): Promise<void> {
    const { files, path, lock, onRecreated } = this.#options;
    const names = await makeDirectoryOf(path, files);
    const end = this.#appender.endOfRecords((await this.#handle.stat()).size);
    const copy = await recreateFile(this.#handle, path, end, files);
    this.#identity = copy.identity;
    this.#unsyncedNames = names;
    await this.#exchange(copy.file, end);
    await lock(this.#handle.fd);
    onRecreated();
  }

  async #exchange(next: FileHandle, copiedTo?: number): Promise<void> {
    const before = this.#handle;
    this.#handle = next;
    this.#appender.attach(next.fd, copiedTo);
    // The descriptor is gone even when closing it fails, and what it failed to write is written again.
    await before.close().catch(() => undefined);
  }

  /** Takes back the last records as far as they were written for somebody who is now told that they are not safe. */
  #revoke(reason: RolloutError): void {
    for (let last = this.#unsynced.last; last?.batch.isRevocable; last = this.#unsynced.last) {
      this.#appender.cutBack(last.start);
      last.batch.revoked = reason;
      this.#unsynced.dropLast();
    }
  }

  #distrust(error: unknown, doing: string): RolloutError {
    const failure = storageFailure(error, `${doing} ${this.#options.path}`);
    this.#doubt ??= failure;
    return failure;
  }
}
