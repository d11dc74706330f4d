import { setTimeout as delay } from 'node:timers/promises';
import { type Backoff, backoff } from './backoff.ts';
import type { Batch } from './batch.ts';
import { RolloutError, type RolloutFault } from './errors.ts';
import type { RolloutFile } from './rollout-file.ts';
import { storageFailure } from './storage-failure.ts';
import { type WaitingBatch, WaitingList } from './waiting.ts';

export interface QueueOptions {
  readonly path: string;
  /** How long in ms an append waits for the disk. */
  readonly patienceMs: number;
  /** Why nothing but the ends of turns is written although this file is well. */
  readonly refusal: () => RolloutError | undefined;
  /** Too much is unsynced; {@link RecordQueue.resume} is expected after the sync. */
  readonly requestSync: () => void;
  readonly onFailing: (failure: RolloutError, isFirst: boolean) => void;
  readonly onRecovered: () => void;
  /** Nothing will be written any more. */
  readonly onStopped: (reason: RolloutError) => void;
}

const MAX_WAITING_BYTES = 16 * 1024 * 1024;
const CLOSING_MS = 2_000;
const CLOSING_PAUSE_MS = 50;

/** Nothing that the disk does later can make these good. */
const FINAL: ReadonlySet<RolloutFault> = new Set(['storage_conflict', 'storage_lost', 'locked']);

/** Brings records into a file in the order of the calls, and keeps them while the disk does not take them. */
export class RecordQueue {
  readonly #file: RolloutFile;
  readonly #options: QueueOptions;
  readonly #waiting = new WaitingList();
  readonly #backoff: Backoff = backoff();
  #failure: RolloutError | undefined;
  #stopped: RolloutError | undefined;
  #attempt: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #missing = 0;
  /** From the first failure until the disk takes everything again. */
  #isFailing = false;
  /** Being closed, from there on. */
  #isEnding = false;
  #isClosed = false;

  constructor(file: RolloutFile, options: QueueOptions) {
    this.#file = file;
    this.#options = options;
  }

  /** Why nothing will be written any more. */
  get stopped(): RolloutError | undefined {
    return this.#stopped;
  }

  /**
   * Resolves when the records are in the file; when all is well that is before the call returns.
   * @throws RolloutError `storage_…`; urgent records are then dropped, others are written when the disk is back
   */
  push(batch: Batch): Promise<void> {
    const refusal = this.#refusalOf(batch);
    if (refusal !== undefined) return Promise.reject(refusal);
    const waiting = this.#waiting.add(batch);
    if (batch.isClosing && this.#failure !== undefined) this.#restoreSoon();
    this.resume();
    if (this.#waiting.length > 0 && !batch.isUrgent) this.#limitPatience(waiting);
    return waiting.written.promise;
  }

  /** Writes what waits, unless the disk is known to be in trouble. */
  resume(): void {
    if (this.#attempt === undefined && this.#failure === undefined) this.#write();
  }

  /**
   * Gets over a failed sync: makes the file whole and durable again.
   * @throws RolloutError; the disk is then known to be in trouble, and tried again later
   */
  async repair(): Promise<void> {
    // An attempt under way may have begun before the sync failed.
    await this.#attempt?.catch(() => undefined);
    if (this.#stopped !== undefined) throw this.#stopped;
    await this.#restore();
  }

  /** Gives up for good. */
  stop(reason: RolloutError): void {
    if (this.#stopped !== undefined) return;
    this.#end(reason);
    this.#options.onStopped(reason);
  }

  /**
   * Tries for a moment to write what waits.
   * @throws RolloutError naming the number of records that could not be written
   */
  async close(): Promise<void> {
    this.#isEnding = true;
    const giveUp = new AbortController();
    const deadline = delay(CLOSING_MS, undefined, { signal: giveUp.signal }).catch(() => undefined);
    await Promise.race([this.#empty(giveUp.signal), deadline]);
    giveUp.abort();
    clearTimeout(this.#timer);
    this.#isClosed = true;
    if (this.#waiting.length > 0) this.#end(this.#failure ?? this.#slowness());
    if (this.#stopped !== undefined && this.#missing > 0) throw this.#loss(this.#stopped);
  }

  /** What waits is written also on a full disk: a turn, or everything, has come to its end. */
  get #isReleased(): boolean {
    return this.#isEnding || this.#waiting.hasClosing;
  }

  #end(reason: RolloutError): void {
    this.#stopped ??= reason;
    this.#failure = undefined;
    clearTimeout(this.#timer);
    this.#missing += this.#waiting.refuseAll(reason);
  }

  #loss(reason: RolloutError): RolloutError {
    const { fault, code, message } = reason;
    const what = `${this.#missing} records could not be written to ${this.#options.path}: ${message}`;
    return new RolloutError(fault, what, { ...(code !== undefined && { code }), cause: reason });
  }

  async #empty(signal: AbortSignal): Promise<void> {
    while (this.#waiting.length > 0 && !signal.aborted) {
      await this.#restore().catch(() => undefined);
      if (this.#waiting.length > 0)
        await delay(CLOSING_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #refusalOf(batch: Batch): RolloutError | undefined {
    if (this.#stopped !== undefined) return this.#stopped;
    if (batch.isUrgent) return this.#failure ?? this.#options.refusal();
    const isTooMuch = this.#waiting.length > 0 && this.#waiting.bytes + batch.bytes > MAX_WAITING_BYTES;
    return isTooMuch ? (this.#failure ?? this.#slowness()) : undefined;
  }

  #slowness(): RolloutError {
    return new RolloutError('storage_error', `cannot append to ${this.#options.path}: storage is slow`);
  }

  #limitPatience(waiting: WaitingBatch): void {
    waiting.patience = setTimeout(() => {
      this.#waiting.refuse(waiting, this.#failure ?? this.#slowness());
    }, this.#options.patienceMs).unref();
  }

  #write(): void {
    try {
      let next = this.#waiting.first;
      while (next !== undefined && this.#writeBatch(next.batch)) {
        this.#waiting.acknowledge();
        next = this.#waiting.first;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** False when something else has to come first, and was begun. */
  #writeBatch(batch: Batch): boolean {
    if (this.#file.isSaturated) {
      this.#options.requestSync();
      return false;
    }
    if (batch.lines.length === 0) return true;
    const refusal = this.#isReleased ? undefined : this.#options.refusal();
    if (refusal !== undefined) throw refusal;
    if (this.#file.append(batch) === 'written') return true;
    this.#restoreSoon();
    return false;
  }

  /** Whoever asks while an attempt runs shares it. */
  #restore(): Promise<void> {
    clearTimeout(this.#timer);
    this.#attempt ??= this.#tryToRestore();
    return this.#attempt;
  }

  #restoreSoon(): void {
    // What comes of it is told to those whose records wait.
    this.#restore().catch(() => undefined);
  }

  async #tryToRestore(): Promise<void> {
    try {
      await this.#file.restore();
    } catch (error) {
      this.#attempt = undefined;
      throw this.#fail(error);
    }
    const shortage = await this.#shortage();
    this.#attempt = undefined;
    if (shortage !== undefined) this.#fail(shortage);
    else this.#goOn();
  }

  /** With nothing to write, only the disk itself can tell whether there is room again. */
  async #shortage(): Promise<unknown> {
    const failure = this.#failure;
    if (failure?.fault !== 'storage_full' || this.#waiting.length > 0) return undefined;
    return this.#file.requireRoom(failure).then(
      () => undefined,
      (error) => error,
    );
  }

  #goOn(): void {
    this.#failure = undefined;
    this.#write();
    if (!this.#isFailing || this.#failure !== undefined || this.#attempt !== undefined) return;
    // The end of a turn was written, and the disk is as full as before.
    const refusal = this.#options.refusal();
    if (refusal !== undefined) return void this.#fail(refusal);
    this.#isFailing = false;
    this.#backoff.reset();
    this.#options.onRecovered();
  }

  #fail(error: unknown): RolloutError {
    const failure = storageFailure(error, `cannot append to ${this.#options.path}`);
    if (this.#isClosed || this.#stopped !== undefined) return failure;
    if (FINAL.has(failure.fault)) {
      this.stop(failure);
      return failure;
    }
    const isFirst = !this.#isFailing;
    this.#failure = failure;
    this.#isFailing = true;
    this.#waiting.refuseUrgent(failure);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#restoreSoon(), this.#backoff.next()).unref();
    this.#options.onFailing(failure, isFirst);
    return failure;
  }
}
