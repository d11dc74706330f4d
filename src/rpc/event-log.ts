import { randomBytes } from 'node:crypto';
import { Frame } from './frame.ts';
import type { JsonMembers } from './json-members.ts';
import { LoggedFrame } from './logged-frame.ts';
import { RetainedEvents, type Span } from './retained-events.ts';

/** Whoever receives the frames of a log. Must neither wait nor throw. */
export interface Sink {
  /** `replayed` says that the receiver asked for it, as opposed to what happens just now. */
  deliver(frame: Frame, replayed?: boolean): void;
  /** The same of frames that come together, for those who make less work of that. */
  deliverAll?(frames: readonly Frame[]): void;
}

/** Every one of them gets the same array, so that what is made of it can be shared. */
export function deliverTo(sinks: Iterable<Sink>, frames: readonly Frame[]): void {
  for (const sink of sinks) {
    if (sink.deliverAll) sink.deliverAll(frames);
    else for (const frame of frames) sink.deliver(frame);
  }
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
  /** Whether events that nobody heard are lost already. */
  readonly unheardLost?: boolean;
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
  readonly #idOf = (sequence: number): string => `${this.#epoch}-${sequence}`;
  readonly #retained = new RetainedEvents(this.#idOf);
  #last = 0;
  #turnStart = 1;
  /** Sequence numbers published while nobody listened, waiting for the first listener. */
  #unheard: { first: number; readonly last: number }[] = [];
  /** Whether unheard events were dropped before anybody came. */
  #unheardLost: boolean;

  constructor(
    conversationId: string,
    { origin, bounds = DEFAULT_BOUNDS, unheardLost = false }: EventLogOptions = {},
  ) {
    this.#unheardLost = unheardLost;
    this.conversationId = conversationId;
    this.#origin = origin;
    this.#bounds = bounds;
  }

  /** Before the first event. */
  get startEventId(): string {
    return this.#idOf(0);
  }

  get lastEventId(): string {
    return this.#idOf(this.#last);
  }

  /** The events since the latest turn began; `undefined` when some of them are no longer held. */
  get turnEvents(): Frame[] | undefined {
    return this.#turnStart < this.#first
      ? undefined
      : this.#retained.between(this.#turnStart - 1, this.#last);
  }

  /** Whether there were events that no listener has got. */
  get hasUnheard(): boolean {
    return this.#unheardLost || this.#unheard.length > 0;
  }

  get listening(): number {
    return this.#sinks.size;
  }

  publish(method: string, params: object | JsonMembers, options: { startsTurn?: boolean } = {}): Frame {
    const frame = this.#add(method, params);
    if (options.startsTurn) this.#turnStart = this.#last;
    this.#trim();
    for (const sink of this.#sinks) sink.deliver(frame);
    return frame;
  }

  /** Events of one method that come together. */
  publishAll(method: string, params: readonly JsonMembers[]): Frame[] {
    const frames = params.map((each) => this.#add(method, each));
    this.#trim();
    deliverTo(this.#sinks, frames);
    return frames;
  }

  #add(method: string, params: object | JsonMembers): Frame {
    this.#last += 1;
    const frame = new LoggedFrame(method, params, this.#idOf, this.#last);
    this.#retained.add(frame, this.#last);
    if (this.#sinks.size === 0) this.#noteUnheard();
    return frame;
  }

  /** Delivers what the start asks for, then what is pinned, then everything published from now on. */
  attach(sink: Sink, start: Start): void {
    for (const frame of this.backlog(start)) sink.deliver(frame, true);
    for (const frame of this.#pinned) sink.deliver(frame, true);
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
    return this.#retained.between(sequence, this.#last);
  }

  /** Sequence number of the first event that is still held. */
  get #first(): number {
    return this.#retained.oldest?.first ?? this.#last + 1;
  }

  #noteUnheard(): void {
    const range = this.#unheard.at(-1);
    const first = range?.last === this.#last - 1 ? range.first : this.#last;
    if (first !== this.#last) this.#unheard.pop();
    this.#unheard.push({ first, last: this.#last });
  }

  #takeUnheard(): Frame[] {
    const frames = this.#unheard.flatMap(({ first, last }) => this.#retained.between(first - 1, last));
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

  /** Deltas become longer ones before anything is dropped (REL-LOG-5). */
  #trim(): void {
    const first = this.#first;
    while (this.#retained.size > this.#bounds.size && this.#retained.merge());
    this.#retained.dropWhile((oldest) => this.#isTooMuch(oldest));
    if (this.#first !== first) this.#forgetUnheard();
  }

  #isTooMuch({ last }: Span): boolean {
    if (this.#retained.size > this.#bounds.size) return true;
    return last <= this.#last - this.#bounds.events && last < this.#turnStart;
  }

  #forgetUnheard(): void {
    const first = this.#first;
    const [oldest] = this.#unheard;
    if (!oldest || oldest.first >= first) return;
    this.#unheard = this.#unheard.filter(({ last }) => last >= first);
    const [held] = this.#unheard;
    if (held && held.first < first) held.first = first;
    this.#unheardLost = true;
  }

  #sequenceOf(eventId: string): number | undefined {
    if (eventId === this.#origin) return 0;
    const [epoch, sequence] = eventId.split('-');
    return epoch === this.#epoch ? Number(sequence) : undefined;
  }
}
