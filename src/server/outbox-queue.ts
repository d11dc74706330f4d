import { groupDeltas, joinDeltas } from '../rpc/delta.ts';
import type { Frame } from '../rpc/frame.ts';
import type { WireForm } from '../rpc/wire-text.ts';

/** Events as a client is to get them. */
export interface Form {
  /** `undefined` for one that it is not to get. */
  one(frame: Frame): Entry | undefined;
  /** Those of several that it is to get. */
  all(frames: readonly Frame[]): readonly Entry[];
}

export interface Entry extends WireForm {
  /** Whether the client asked for it. */
  readonly asked: boolean;
  /** Events only. */
  readonly frame?: Frame;
}

/** Clients that are told of the same event, or of the same events, one after the other share the entries. */
export function sharedForm(formOf: (frame: Frame) => WireForm | undefined): Form {
  let latest: { frame: Frame; entry: Entry | undefined } | undefined;
  let together: { frames: readonly Frame[]; entries: readonly Entry[] } | undefined;
  const make = (frame: Frame): Entry | undefined => {
    const form = formOf(frame);
    return form && { text: form.text, size: form.size, asked: frame.isAnswer, frame };
  };
  return {
    one(frame) {
      if (latest?.frame === frame) return latest.entry;
      const entry = make(frame);
      // What one client has asked for may be large, and is not for others.
      if (!frame.isAnswer) latest = { frame, entry };
      return entry;
    },
    all(frames) {
      if (together?.frames === frames) return together.entries;
      const entries: Entry[] = [];
      for (const frame of frames) {
        const entry = make(frame);
        if (entry) entries.push(entry);
      }
      together = { frames, entries };
      return entries;
    },
  };
}

/** How much longer the queue gets before another attempt to merge what is in it. */
const WORTH_MERGING = 512;
const COMPACTED_AT = 4_096;

/** What waits for one client, in order, counted until the system has taken it. */
export class OutboxQueue {
  #entries: Entry[] = [];
  /** Index of the first entry that has not been taken; moving all the others each time would take too long. */
  #head = 0;
  #nextMerge = 0;
  /** Bytes that the client asked for. */
  asked = 0;
  /** Bytes of everything else. */
  unasked = 0;
  /** Events that the client did not ask for. */
  events = 0;

  /** Bytes. */
  get size(): number {
    return this.asked + this.unasked;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
    this.#count(entry, 1);
  }

  /** The next ones to send, of about so many bytes and at least one; they count until they are `done`. */
  take(bytes: number): Entry[] {
    const taken: Entry[] = [];
    for (let left = bytes; left > 0; ) {
      const entry = this.#entries[this.#head + taken.length];
      if (!entry) break;
      taken.push(entry);
      left -= entry.size;
    }
    this.#head += taken.length;
    if (this.#head === this.#entries.length || this.#head > COMPACTED_AT) this.#compact();
    return taken;
  }

  done(entries: readonly Entry[]): void {
    for (const entry of entries) this.#count(entry, -1);
  }

  /** Makes one event of deltas that belong together, as far as they were not asked for. Returns the bytes saved. */
  merge(form: Form): number {
    this.#compact();
    if (this.#entries.length < this.#nextMerge) return 0;
    const before = this.size;
    for (const entry of this.#entries) this.#count(entry, -1);
    this.#entries = stretches(this.#entries).flatMap((stretch) => mergeStretch(stretch, form));
    for (const entry of this.#entries) this.#count(entry, 1);
    this.#nextMerge = this.#entries.length + WORTH_MERGING;
    return before - this.size;
  }

  clear(): void {
    this.#entries = [];
    this.#head = 0;
    this.asked = 0;
    this.unasked = 0;
    this.events = 0;
  }

  #compact(): void {
    this.#entries.splice(0, this.#head);
    this.#head = 0;
  }

  #count({ asked, size, frame }: Entry, sign: 1 | -1): void {
    if (asked) this.asked += sign * size;
    else this.unasked += sign * size;
    if (!asked && frame) this.events += sign;
  }
}

type Event = Entry & { readonly frame: Frame };
type Stretch = { readonly events: Event[] } | { readonly kept: Entry };

/** Runs of events that may be merged, and between them what may not. */
function stretches(entries: readonly Entry[]): Stretch[] {
  const result: Stretch[] = [];
  for (const entry of entries) {
    const { frame, asked } = entry;
    const last = result.at(-1);
    if (!frame || asked) result.push({ kept: entry });
    else if (last && 'events' in last) last.events.push({ ...entry, frame });
    else result.push({ events: [{ ...entry, frame }] });
  }
  return result;
}

function mergeStretch(stretch: Stretch, form: Form): Entry[] {
  if ('kept' in stretch) return [stretch.kept];
  return groupDeltas(stretch.events).flatMap(({ items, deltas }) => {
    const frame = items.length > 1 ? joinDeltas(deltas) : undefined;
    const entry = frame && form.one(frame);
    return entry ? [entry] : items;
  });
}
