import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { RolloutItem } from '../../protocol/vocabulary/rollout.ts';
import { realFileSystem } from '../files/file-system.ts';
import { type Batch, encodeBatch } from './batch.ts';
import { RolloutError } from './errors.ts';
import { type GroupSync, groupSync } from './group-sync.ts';
import { NOTICES } from './notices.ts';
import { RecordQueue } from './record-queue.ts';
import { RolloutFile } from './rollout-file.ts';
import { storageFailure } from './storage-failure.ts';
import type { AppendOptions, RolloutWriter } from './types.ts';
import type { Durability, WriterOptions } from './writer-options.ts';

/** An open file to write to. */
export interface WritableRollout {
  readonly handle: FileHandle;
  readonly path: string;
  /** Directories with names that are not durable yet. */
  readonly newNames: readonly string[];
  /** Settles when the lock of the file is ours; nothing is claimed to be durable before. */
  readonly locked: Promise<void>;
}

/** From this size on, in bytes, the user is told (reliability, REL-WR-9). */
const LARGE_FILE_BYTES = 256 * 1024 * 1024;

/** Writes to a file that is open, and ends with a whole line. */
export class OpenWriter implements RolloutWriter {
  readonly path: string;
  readonly #rollout: WritableRollout;
  readonly #options: WriterOptions;
  readonly #durability: Durability;
  readonly #file: RolloutFile;
  readonly #queue: RecordQueue;
  readonly #sync: GroupSync;
  #rescue: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #isKnownLarge = false;

  constructor(rollout: WritableRollout, options: WriterOptions) {
    this.path = rollout.path;
    this.#rollout = rollout;
    this.#options = options;
    this.#durability = options.durability ?? 'normal';
    this.#file = this.#openFile();
    this.#queue = this.#openQueue();
    this.#sync = groupSync(() => this.#syncToDisk(), options.syncDelayMs ?? 200);
    rollout.locked.catch((error) => this.#queue.stop(storageFailure(error, `cannot lock ${this.path}`)));
  }

  get size(): number {
    return this.#file.size;
  }

  async append(items: readonly RolloutItem[], options: AppendOptions = {}): Promise<void> {
    this.#requireOpen();
    const isSynced = this.#mustSync(options);
    const isUrgent = options.urgent === true;
    const at = (this.#options.now ?? currentDate)();
    const batch = encodeBatch(items, at, {
      isUrgent,
      isRevocable: isUrgent && isSynced,
      isClosing: options.closing === true,
    });
    await this.#queue.push(batch);
    options.onWritten?.();
    this.#watchSize();
    if (isSynced) await this.#makeDurable(batch);
    else if (this.#durability === 'normal') this.#sync.soon();
    if (options.sync) await this.#rollout.locked;
  }

  flush(): Promise<void> {
    return this.append([], { sync: true });
  }

  async close(): Promise<void> {
    this.#closing ??= this.#finish();
    await this.#closing;
  }

  #mustSync({ sync = false }: AppendOptions): boolean {
    return this.#durability === 'strict' || (sync && this.#durability === 'normal');
  }

  #requireOpen(): void {
    if (this.#closing !== undefined) throw new RolloutError('closed', `the rollout ${this.path} was closed`);
  }

  async #makeDurable(batch: Batch): Promise<void> {
    await this.#sync.now();
    if (batch.revoked !== undefined) throw batch.revoked;
  }

  async #syncToDisk(): Promise<void> {
    await this.#rollout.locked;
    if (this.#queue.stopped !== undefined) throw this.#queue.stopped;
    await this.#file.sync().catch((error) => this.#afterFailedSync(error));
    this.#queue.resume();
  }

  async #afterFailedSync(error: unknown): Promise<void> {
    await this.#queue.repair();
    // Nothing was kept of the records that the system failed to write.
    if (this.#durability === 'off' && error instanceof RolloutError && error.code !== undefined) throw error;
  }

  async #finish(): Promise<void> {
    const failures: unknown[] = [];
    for (const step of [() => this.#queue.close(), () => this.#syncAtEnd(), () => this.#giveBack()])
      await step().catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  }

  async #syncAtEnd(): Promise<void> {
    if (this.#queue.stopped === undefined) return this.#sync.now();
    // That records were not written at all is told already, and is the worse news.
    await this.#file.sync().catch(() => undefined);
  }

  async #giveBack(): Promise<void> {
    await this.#sync.stop();
    await Promise.allSettled([this.#rollout.locked, this.#rescue]);
    this.#options.health?.recovered(this);
    await this.#file.close();
  }

  #watchSize(): void {
    if (this.#isKnownLarge || this.size <= LARGE_FILE_BYTES) return;
    this.#isKnownLarge = true;
    this.#tell(NOTICES.large(this.path, LARGE_FILE_BYTES));
  }

  #tell(text: string): void {
    this.#options.onNotice?.(text);
  }

  #openFile(): RolloutFile {
    const { files = realFileSystem, lock = async () => undefined, onForeign } = this.#options;
    return new RolloutFile(this.#rollout.handle, this.#rollout.newNames, {
      files,
      path: this.path,
      keepsUnsynced: this.#durability !== 'off',
      lock,
      onRecreated: () => this.#tell(NOTICES.recreated(this.path)),
      ...(onForeign !== undefined && { onForeign }),
    });
  }

  #openQueue(): RecordQueue {
    const { health, patienceMs = 30_000 } = this.#options;
    return new RecordQueue(this.#file, {
      path: this.path,
      patienceMs,
      refusal: () => this.#refusal(),
      requestSync: () => void this.#sync.now().catch(() => undefined),
      onFailing: (failure, isFirst) => {
        health?.failed(failure, this);
        if (isFirst) this.#tell(NOTICES.failing(failure));
      },
      onRecovered: () => {
        health?.recovered(this);
        this.#tell(NOTICES.recovered());
      },
      onStopped: (reason) => this.#stopped(reason),
    });
  }

  /** What little room a full disk has is for records of turns that run. */
  #refusal(): RolloutError | undefined {
    if (this.#options.health?.isFull !== true) return undefined;
    return new RolloutError('storage_full', `cannot append to ${this.path}: the disk is full`);
  }

  #stopped(reason: RolloutError): void {
    this.#options.health?.recovered(this);
    this.#tell(NOTICES.stopped(reason));
    if (reason.fault === 'storage_conflict') this.#rescue = this.#rescueContent();
  }

  async #rescueContent(): Promise<void> {
    const directory = this.#options.recoveredDirectory ?? dirname(this.path);
    try {
      const savedTo = await this.#file.rescue(directory);
      if (savedTo !== undefined) this.#tell(NOTICES.rescued(savedTo));
    } catch (error) {
      this.#tell(NOTICES.notRescued(storageFailure(error, directory).message));
    }
  }
}

const currentDate = (): Date => new Date();
