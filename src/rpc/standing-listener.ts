import { deliverTo, type EventLog, type Sink, type Start } from './event-log.ts';
import type { Frame } from './frame.ts';

/**
 * A listener without a connection, made over REST and read as a stream. While nobody reads it, it remembers where it
 * stands in the log, not the events themselves.
 */
export class StandingListener implements Sink {
  readonly #log: EventLog;
  readonly #readers = new Map<Sink, () => void>();
  /** Frames from before the first reading: what had not been heard when the listener was made. */
  #backlog: Frame[];
  #position: string;

  constructor(log: EventLog, start: Start) {
    this.#log = log;
    this.#position = log.lastEventId;
    this.#backlog = log.backlog(start);
    log.attach(this, { after: this.#position });
  }

  deliver(frame: Frame, replayed?: boolean): void {
    if (this.#readers.size === 0) return;
    this.#position = frame.eventId ?? this.#position;
    for (const reader of this.#readers.keys()) reader.deliver(frame, replayed);
  }

  deliverAll(frames: readonly Frame[]): void {
    if (this.#readers.size === 0) return;
    this.#position = frames.at(-1)?.eventId ?? this.#position;
    deliverTo(this.#readers.keys(), frames);
  }

  /** Starts after the named event, or where the last reading stopped. */
  read(sink: Sink, after: string | undefined, onEnd: () => void): () => void {
    if (after === undefined) for (const frame of this.#backlog) sink.deliver(frame, true);
    this.#backlog = [];
    this.#log.attach(sink, { after: after ?? this.#position });
    this.#log.detach(sink);
    this.#position = this.#log.lastEventId;
    this.#readers.set(sink, onEnd);
    return () => this.#readers.delete(sink);
  }

  isReadBy(sink: Sink): boolean {
    return this.#readers.has(sink);
  }

  close(): void {
    this.#log.detach(this);
    for (const onEnd of this.#readers.values()) onEnd();
    this.#readers.clear();
  }
}
