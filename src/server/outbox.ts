import type { Frame } from '../rpc/frame.ts';
import { type WireText, wireForm } from '../rpc/wire-text.ts';
import type { OutboxPool, PoolMember } from './outbox-pool.ts';
import { type Entry, type Form, OutboxQueue } from './outbox-queue.ts';
import type { JoinMessages } from './shared-batches.ts';

export interface OutboxBounds {
  /** Bytes that may wait for the client for longer than `patience`; twice as many are too much at once. */
  readonly bytes: number;
  /** Events that may wait for the client for longer than `patience`. */
  readonly frames: number;
  /** Milliseconds. */
  readonly patience: number;
  /** Bytes that the system is handed before it has sent them; the rest waits where it can still be merged. */
  readonly window: number;
}

const DEFAULT_BOUNDS: OutboxBounds = {
  bytes: 8 * 1024 * 1024,
  frames: 4_096,
  patience: 10_000,
  window: 256 * 1024,
};

/** The part of the patience after which events are merged. */
const UNMERGED = 0.1;

/** What an outbox writes to. */
export interface Wire {
  readonly isOpen: boolean;
  readonly join: JoinMessages;
  /** `sent` is called once the system has taken the bytes. */
  write(chunks: readonly Buffer[], sent: () => void): void;
}

export interface OutboxOptions {
  readonly wire: Wire;
  readonly pool: OutboxPool;
  readonly form: Form;
  /** The client lets more than the bounds pile up. Called once; nothing more is sent. */
  readonly onOverflow: () => void;
  /** No longer congested. */
  readonly onRelief?: () => void;
  readonly bounds?: Partial<OutboxBounds>;
}

/**
 * What waits for one client, in order. Past its bounds, deltas of the same text that follow one another become one event
 * each; a client that stays past them is given up. That has patience, since one burst of events is not yet a slow client.
 */
export class Outbox implements PoolMember {
  readonly #options: OutboxOptions;
  readonly #bounds: OutboxBounds;
  readonly #queue = new OutboxQueue();
  #inFlight = 0;
  #progress = 0;
  #crowdedSince: number | undefined;
  #scheduled: 'soon' | 'later' | undefined;
  #closed = false;
  #whenSent: (() => void) | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#bounds = { ...DEFAULT_BOUNDS, ...options.bounds };
    options.pool.join(this);
  }

  /** Bytes that wait. */
  get size(): number {
    return this.#queue.size;
  }

  /** Grows with everything that the system takes. */
  get progress(): number {
    return this.#progress;
  }

  /** Whether so much waits of what the client asked for that it should not be asked what else it wants. */
  get congested(): boolean {
    return this.#queue.asked > this.#bounds.bytes;
  }

  /** An event. Never waits and never throws. */
  event(frame: Frame, replayed: boolean): void {
    const entry = this.#options.form.one(frame);
    if (!entry) return;
    this.#put(replayed ? { ...entry, asked: true } : entry, 'later');
    if (!replayed && !this.#closed) this.#checkBounds();
  }

  /** Events that come together. Never waits and never throws. */
  events(frames: readonly Frame[]): void {
    if (!this.#takes) return;
    let size = 0;
    for (const entry of this.#options.form.all(frames)) {
      this.#queue.push(entry);
      size += entry.size;
    }
    this.#schedule('later');
    this.#options.pool.grow(size);
    if (!this.#closed) this.#checkBounds();
  }

  /** What the client asked for, however large it is: it does not count against the bounds of the client. */
  answer(text: WireText): void {
    this.#put({ ...wireForm(text), asked: true }, 'soon');
  }

  /** The client does not take what it is sent. */
  overflow(): void {
    if (this.#closed) return;
    this.close();
    this.#options.onOverflow();
  }

  /** Takes nothing more; calls back when everything has been sent. */
  finish(whenSent: () => void): void {
    this.#whenSent = whenSent;
    this.#checkFinished();
  }

  /** The client is gone; nothing more is sent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.pool.leave(this);
    this.#options.pool.shrink(this.size);
    this.#queue.clear();
  }

  get #takes(): boolean {
    return !this.#closed && !this.#whenSent && this.#options.wire.isOpen;
  }

  #put(entry: Entry, when: 'soon' | 'later'): void {
    if (!this.#takes) return;
    this.#queue.push(entry);
    this.#schedule(when);
    this.#options.pool.grow(entry.size);
  }

  /**
   * Events that come in one round of the event loop leave together at its end. An answer is waited for, and leaves with all
   * that has come before it as soon as what is being done has been done.
   */
  #schedule(when: 'soon' | 'later'): void {
    if (this.#scheduled === 'soon' || this.#scheduled === when) return;
    if (this.#inFlight >= this.#bounds.window) return;
    this.#scheduled = when;
    const flush = (): void => {
      if (this.#scheduled === when) this.#scheduled = undefined;
      this.#flush();
    };
    if (when === 'soon') process.nextTick(flush);
    else setImmediate(flush);
  }

  #flush(): void {
    const { wire } = this.#options;
    if (this.#closed || !wire.isOpen) return;
    const entries = this.#queue.take(this.#bounds.window - this.#inFlight);
    if (entries.length === 0) return;
    const bytes = entries.reduce((sum, { size }) => sum + size, 0);
    this.#inFlight += bytes;
    wire.write(wire.join(entries), () => this.#sent(entries, bytes));
  }

  #sent(entries: readonly Entry[], bytes: number): void {
    if (this.#closed) return;
    const wasCongested = this.congested;
    this.#progress += 1;
    this.#inFlight -= bytes;
    this.#queue.done(entries);
    this.#options.pool.taken(entries.length, bytes);
    this.#flush();
    this.#checkFinished();
    if (wasCongested && !this.congested) this.#options.onRelief?.();
  }

  #checkFinished(): void {
    if (!this.#whenSent || this.size > 0) return;
    this.close();
    this.#whenSent();
  }

  get #isCrowded(): boolean {
    return this.#queue.events > this.#bounds.frames || this.#queue.unasked > this.#bounds.bytes;
  }

  /** A client that keeps up gets every event by itself, also those of a burst. */
  #checkBounds(): void {
    if (this.#isCrowded) this.#relieve();
    if (!this.#isCrowded) this.#crowdedSince = undefined;
  }

  #relieve(): void {
    const { patience, bytes } = this.#bounds;
    this.#crowdedSince ??= performance.now();
    const waited = performance.now() - this.#crowdedSince;
    const isFarTooMuch = (): boolean => this.#queue.unasked > 2 * bytes;
    if (waited <= patience * UNMERGED && !isFarTooMuch()) return;
    this.#options.pool.shrink(this.#queue.merge(this.#options.form));
    if (this.#isCrowded && (waited > patience || isFarTooMuch())) this.overflow();
  }
}
