/** What one client's outbox tells the pool of all of them. */
export interface PoolMember {
  /** Bytes that wait for the client. */
  readonly size: number;
  /** Gives up on the client, which gives its bytes back. */
  overflow(): void;
}

/** Bytes that may wait for all clients together (SEC-SLOW-2). */
const LIMIT = 256 * 1024 * 1024;

/** Keeps what waits for all clients within one bound. */
export class OutboxPool {
  readonly #limit: number;
  readonly #members = new Set<PoolMember>();
  #size = 0;
  #sent = 0;

  constructor(limit: number = LIMIT) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  /** How many messages the system has taken, for all clients. */
  get sent(): number {
    return this.#sent;
  }

  /** The system has taken so many messages. */
  taken(messages: number, bytes: number): void {
    this.#sent += messages;
    this.shrink(bytes);
  }

  join(member: PoolMember): void {
    this.#members.add(member);
  }

  leave(member: PoolMember): void {
    this.#members.delete(member);
  }

  shrink(bytes: number): void {
    this.#size -= bytes;
  }

  /** Beyond the bound, whoever lets most pile up is given up. */
  grow(bytes: number): void {
    this.#size += bytes;
    while (this.#size > this.#limit && this.#members.size > 0) {
      const before = this.#size;
      this.#largest()?.overflow();
      if (this.#size === before) return;
    }
  }

  #largest(): PoolMember | undefined {
    let largest: PoolMember | undefined;
    for (const member of this.#members) if (member.size > (largest?.size ?? -1)) largest = member;
    return largest;
  }
}
