import { randomBytes } from 'node:crypto';
import { Frame } from './frame.ts';

/** Whoever receives the frames of a log. Must neither wait nor throw. */
export interface Sink {
  deliver(frame: Frame): void;
}

export interface EventLogBounds {
  /** Events kept for replay beyond those of the running turn. */
  readonly events: number;
  /** Characters of serialised params kept for replay, the running turn included. */
  readonly size: number;
}

const DEFAULT_BOUNDS: EventLogBounds = { events: 2_000, size: 8 * 1024 * 1024 };

export interface EventLogOptions {
  /** Id of the snapshots that show the conversation as it was when it was loaded. */
  readonly origin?: string | undefined;
  readonly bounds?: EventLogBounds;
}

/** Where a sink starts: after a known event, or with what nobody has heard. */
export type Start = { after: string } | 'unheard';

/**
 * The events of one loaded conversation, in one order for everybody. An event id is `<epoch>-<sequence>`; the epoch is
 * drawn anew for each loading, so that ids of an earlier run are recognised as foreign.
 */
export class EventLog {
  readonly conversationId: string;
  readonly #epoch = randomBytes(6).toString('hex');
  readonly #origin: string | undefined;
  readonly #bounds: EventLogBounds;
  readonly #sinks = new Set<Sink>();
  readonly #pinned = new Set<Frame>();
  #kept: Frame[] = [];
  /** Sequence number of the first kept frame. */
  #first = 1;
  #last = 0;
  #size = 0;
  #turnStart = 1;
  /** Sequence numbers published while nobody listened, waiting for the first listener. */
  #unheard: number[] = [];
  /** Whether unheard events were dropped before anybody came. */
  #unheardLost = false;

  constructor(conversationId: string, { origin, bounds = DEFAULT_BOUNDS }: EventLogOptions = {}) {
    this.conversationId = conversationId;
    this.#origin = origin;
    this.#bounds = bounds;
  }

  /** Before the first event. */
  get startEventId(): string {
    return this.#id(0);
  }

  get lastEventId(): string {
    return this.#id(this.#last);
  }

  get listening(): number {
    return this.#sinks.size;
  }

  publish(method: string, params: object, options: { startsTurn?: boolean } = {}): Frame {
    this.#last += 1;
    if (options.startsTurn) this.#turnStart = this.#last;
    const frame = new Frame(method, params, this.#id(this.#last));
    this.#kept.push(frame);
    this.#size += frame.size;
    if (this.#sinks.size === 0) this.#unheard.push(this.#last);
    this.#trim();
    for (const sink of this.#sinks) sink.deliver(frame);
    return frame;
  }

  /** Delivers what the start asks for, then what is pinned, then everything published from now on. */
  attach(sink: Sink, start: Start): void {
    for (const frame of this.backlog(start)) sink.deliver(frame);
    for (const frame of this.#pinned) sink.deliver(frame);
    this.#sinks.add(sink);
  }

  /** Shows a frame to all who listen and to whoever attaches later, until the returned function takes it back. */
  pin(frame: Frame): () => void {
    this.#pinned.add(frame);
    this.tell(frame);
    return () => this.#pinned.delete(frame);
  }

  /** Delivers to all who listen now, but not to the one named; nothing is kept. */
  tell(frame: Frame, except?: Sink): void {
    for (const sink of this.#sinks) if (sink !== except) sink.deliver(frame);
  }

  hears(sink: Sink): boolean {
    return this.#sinks.has(sink);
  }

  detach(sink: Sink): void {
    this.#sinks.delete(sink);
  }

  /** What a listener that starts there has missed. What nobody had heard counts as heard afterwards. */
  backlog(start: Start): Frame[] {
    if (start === 'unheard') return this.#takeUnheard();
    const sequence = this.#sequenceOf(start.after);
    if (sequence === undefined || sequence < this.#first - 1 || sequence > this.#last) return [this.#gap()];
    return this.#kept.slice(sequence - this.#first + 1);
  }

  #takeUnheard(): Frame[] {
    const frames = this.#unheard.flatMap((sequence) => this.#kept[sequence - this.#first] ?? []);
    const lost = this.#unheardLost;
    this.#unheard = [];
    this.#unheardLost = false;
    return lost ? [this.#gap()] : frames;
  }

  /** No `lastEventId` of its own: a gap marker never moves a client's position (REL-LOG-1). */
  #gap(): Frame {
    return new Frame('codex/event/gap', {
      conversationId: this.conversationId,
      lastEventId: this.lastEventId,
    });
  }

  #trim(): void {
    let drop = 0;
    for (const frame of this.#kept) {
      const tooLarge = this.#size > this.#bounds.size;
      const tooMany = this.#kept.length - drop > this.#bounds.events && this.#first + drop < this.#turnStart;
      if (!tooLarge && !tooMany) break;
      this.#size -= frame.size;
      drop += 1;
    }
    if (drop === 0) return;
    this.#kept.splice(0, drop);
    this.#first += drop;
    this.#forgetUnheard();
  }

  #forgetUnheard(): void {
    const held = this.#unheard.findIndex((sequence) => sequence >= this.#first);
    const dropped = held === -1 ? this.#unheard.length : held;
    if (dropped === 0) return;
    this.#unheard.splice(0, dropped);
    this.#unheardLost = true;
  }

  #id(sequence: number): string {
    return `${this.#epoch}-${sequence}`;
  }

  #sequenceOf(eventId: string): number | undefined {
    if (eventId === this.#origin) return 0;
    const [epoch, sequence] = eventId.split('-');
    return epoch === this.#epoch ? Number(sequence) : undefined;
  }
}
