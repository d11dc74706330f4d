import type { EventLog, Sink } from '../../../src/rpc/event-log.ts';
import { Outbox } from '../../../src/server/outbox.ts';
import type { OutboxPool } from '../../../src/server/outbox-pool.ts';
import { sharedForm } from '../../../src/server/outbox-queue.ts';

/** What a conversation is at one moment: its stored items, and the id of the last event that they contain. */
export interface Snapshot {
  readonly items: readonly number[];
  readonly lastEventId: string;
}

interface Message {
  readonly method: string;
  readonly params: { msg?: { item?: number; delta?: string }; _meta?: { eventId: string } };
}

interface Connection {
  readonly sink: Sink;
  readonly outbox: Outbox;
  readonly log: EventLog;
}

/** A client that reads when it is told to, and comes back with the last id it saw. */
export class ReplayClient {
  readonly #pool: OutboxPool;
  readonly #bounds: { frames: number; window: number };
  #connection: Connection | undefined;
  #wire: { data: string; sent: () => void }[] = [];
  #position: string | undefined;
  #overflown = false;
  /** The stored items, as this client knows them. */
  items: number[] = [];
  /** The pieces of running text that it was sent, in order. */
  readonly pieces: number[] = [];

  constructor(pool: OutboxPool, bounds: { frames: number; window: number }) {
    this.#pool = pool;
    this.#bounds = bounds;
  }

  get isConnected(): boolean {
    return this.#connection !== undefined;
  }

  get hasUnread(): boolean {
    return this.#wire.length > 0;
  }

  connect(log: EventLog, snapshot: () => Snapshot): void {
    if (this.#connection) return;
    if (this.#position === undefined) this.#adopt(snapshot());
    const outbox = new Outbox({
      wire: {
        isOpen: true,
        join: (messages) => messages.map(({ text }) => Buffer.from(String(text))),
        write: (messages, sent) => {
          const last = messages.length - 1;
          messages.forEach((data, index) => {
            this.#wire.push({ data: data.toString(), sent: index === last ? sent : () => {} });
          });
        },
      },
      pool: this.#pool,
      form: sharedForm((frame) => frame.extended),
      bounds: { ...this.#bounds, patience: 0 },
      onOverflow: () => {
        this.#overflown = true;
      },
    });
    const sink: Sink = { deliver: (frame, replayed = false) => outbox.event(frame, replayed) };
    this.#connection = { sink, outbox, log };
    log.attach(sink, { after: this.#position ?? '' });
  }

  disconnect(): void {
    if (!this.#connection) return;
    this.#connection.log.detach(this.#connection.sink);
    this.#connection.outbox.close();
    this.#connection = undefined;
    this.#wire = [];
    this.#overflown = false;
  }

  /** Takes so many messages off the wire; a connection that the server gave up ends when it is empty. */
  read(count: number, snapshot: () => Snapshot): void {
    for (let taken = 0; taken < count; taken++) {
      const next = this.#wire.shift();
      if (!next) break;
      if (this.#apply(JSON.parse(next.data), snapshot)) return;
      next.sent();
    }
    if (this.#overflown && this.#wire.length === 0) this.disconnect();
  }

  /** True when the client has to start anew. */
  #apply({ method, params }: Message, snapshot: () => Snapshot): boolean {
    if (method === 'codex/event/gap') {
      this.disconnect();
      this.#adopt(snapshot());
      return true;
    }
    if (params.msg?.item !== undefined) this.items.push(params.msg.item);
    if (params.msg?.delta) this.pieces.push(...params.msg.delta.trim().split(' ').map(Number));
    this.#position = params._meta?.eventId;
    return false;
  }

  #adopt({ items, lastEventId }: Snapshot): void {
    this.items = [...items];
    this.#position = lastEventId;
  }
}
