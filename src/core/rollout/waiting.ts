import type { Batch } from './batch.ts';
import type { RolloutError } from './errors.ts';

/** Records that are not in the file yet. */
export interface WaitingBatch {
  readonly batch: Batch;
  /** Settles when the records are written, or when whoever waits is told that they are not. */
  readonly written: PromiseWithResolvers<void>;
  patience: NodeJS.Timeout | undefined;
}

/** Batches in the order of their calls. */
export class WaitingList {
  #batches: WaitingBatch[] = [];
  #bytes = 0;

  get first(): WaitingBatch | undefined {
    return this.#batches[0];
  }

  get length(): number {
    return this.#batches.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get records(): number {
    return this.#batches.reduce((sum, { batch }) => sum + batch.lines.length, 0);
  }

  get hasClosing(): boolean {
    return this.#batches.some(({ batch }) => batch.isClosing);
  }

  add(batch: Batch): WaitingBatch {
    const waiting = { batch, written: Promise.withResolvers<void>(), patience: undefined };
    this.#batches.push(waiting);
    this.#bytes += batch.bytes;
    return waiting;
  }

  /** The first one was written. */
  acknowledge(): void {
    const first = this.#batches.shift();
    if (first === undefined) return;
    this.#bytes -= first.batch.bytes;
    clearTimeout(first.patience);
    first.written.resolve();
  }

  /** Tells those who wait, and drops what was only meant for them; other records stay in their order. */
  refuse(waiting: WaitingBatch, reason: RolloutError): void {
    clearTimeout(waiting.patience);
    waiting.written.reject(reason);
    if (waiting.batch.isUrgent) this.#drop((other) => other === waiting);
  }

  refuseUrgent(reason: RolloutError): void {
    for (const waiting of this.#batches.filter(({ batch }) => batch.isUrgent)) this.refuse(waiting, reason);
  }

  /** Drops everything; the number of records that somebody will miss. */
  refuseAll(reason: RolloutError): number {
    this.refuseUrgent(reason);
    const { records } = this;
    for (const waiting of this.#batches) this.refuse(waiting, reason);
    this.#drop(() => true);
    return records;
  }

  #drop(isDropped: (waiting: WaitingBatch) => boolean): void {
    this.#batches = this.#batches.filter((waiting) => !isDropped(waiting));
    this.#bytes = this.#batches.reduce((sum, { batch }) => sum + batch.bytes, 0);
  }
}
