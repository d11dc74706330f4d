import { randomUUID } from 'node:crypto';
import { RpcError } from '../protocol/errors.ts';
import type { Client } from './client.ts';
import { deliverTo, EventLog, type Sink, type Start } from './event-log.ts';
import type { Frame } from './frame.ts';
import type { JsonMembers } from './json-members.ts';
import { StandingListener } from './standing-listener.ts';

interface Subscription {
  readonly log: EventLog;
  /** The connection that receives, or the standing listener of clients without one. */
  readonly owner: Client | StandingListener;
}

/** Of one connection (SEC-IN-14). */
const MAX_LISTENERS = 1_000;

/**
 * Decides who receives what: logs by conversation, subscriptions by id, and all clients for what concerns everybody.
 * Never waits for a client.
 */
export class Hub {
  /** By conversation id in lower case: clients may write the id in either. */
  readonly #logs = new Map<string, EventLog>();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #clients = new Set<Client>();
  readonly #observers = new Set<Client>();
  /** Conversations, in lower case, that were closed with events that nobody had heard. */
  readonly #unheard = new Set<string>();
  readonly #onDetached: (conversationId: string) => void;
  /** What streams of a conversation are to be told when it is unloaded. */
  readonly #endListeners = new Map<EventLog, Set<() => void>>();

  /** `onDetached` hears of each listener that a conversation loses. */
  constructor(onDetached: (conversationId: string) => void = () => {}) {
    this.#onDetached = onDetached;
  }

  /**
   * A loaded conversation gets its log, and keeps it until `close`. Its first listener is told of a gap if there were
   * unheard events when it was last closed.
   * @param origin id of the snapshots that show the conversation as it was before
   */
  open(conversationId: string, origin?: string): EventLog {
    const unheardLost = this.#unheard.delete(conversationId.toLowerCase());
    const log = new EventLog(conversationId, { origin, unheardLost });
    this.#logs.set(conversationId.toLowerCase(), log);
    return log;
  }

  /** The conversation is unloaded: its subscriptions end. */
  close(conversationId: string): void {
    const log = this.log(conversationId);
    if (!log) return;
    this.#logs.delete(conversationId.toLowerCase());
    if (log.hasUnheard) this.#unheard.add(conversationId.toLowerCase());
    for (const [id, subscription] of this.#subscriptions) if (subscription.log === log) this.#drop(id);
    for (const ended of this.#endListeners.get(log) ?? []) ended();
    this.#endListeners.delete(log);
  }

  log(conversationId: string): EventLog | undefined {
    return this.#logs.get(conversationId) ?? this.#logs.get(conversationId.toLowerCase());
  }

  publish(
    conversationId: string,
    method: string,
    params: object | JsonMembers,
    options?: { startsTurn?: boolean },
  ): void {
    const frame = this.log(conversationId)?.publish(method, params, options);
    if (frame) for (const observer of this.#observers) observer.deliver(frame);
  }

  /** Notifications of one method that come together, each with its params. */
  publishAll(conversationId: string, method: string, params: readonly JsonMembers[]): void {
    const frames = this.log(conversationId)?.publishAll(method, params) ?? [];
    deliverTo(this.#observers, frames);
  }

  /** Shows a frame to all listeners of the conversation, present and coming. Returns what takes it back. */
  pin(conversationId: string, frame: Frame): () => void {
    return this.#loaded(conversationId).pin(frame);
  }

  /** Tells the listeners of the conversation, but not the one named. */
  tell(conversationId: string, frame: Frame, except?: Sink): void {
    this.log(conversationId)?.tell(frame, except);
  }

  hears(sink: Sink, conversationId: string): boolean {
    return this.log(conversationId)?.hears(sink) ?? false;
  }

  join(client: Client): void {
    this.#clients.add(client);
  }

  /** The client is gone: so are its subscriptions. */
  leave(client: Client): void {
    this.#clients.delete(client);
    for (const [id, subscription] of this.#subscriptions) if (subscription.owner === client) this.#drop(id);
  }

  get clients(): ReadonlySet<Client> {
    return this.#clients;
  }

  /** Everybody who has a connection, the oldest first. */
  get connected(): Client[] {
    const all = [...this.#clients, ...this.#observers];
    return all.sort((a, b) => a.connectedAt.getTime() - b.connectedAt.getTime());
  }

  /** Ids of the conversations whose events the client gets by listening to them. */
  listensTo(client: Client): string[] {
    const heard = new Set<string>();
    for (const log of this.#logs.values()) if (log.hears(client)) heard.add(log.conversationId);
    for (const { log, owner } of this.#subscriptions.values()) {
      if (owner instanceof StandingListener && owner.isReadBy(client)) heard.add(log.conversationId);
    }
    return [...heard];
  }

  broadcast(frame: Frame): void {
    for (const client of this.#clients) client.deliver(frame);
    for (const observer of this.#observers) observer.deliver(frame);
  }

  /** A client with a connection gets the events there; any other gets a listener to be read as a stream. */
  subscribe(client: Client, conversationId: string, start: Start): string {
    const log = this.#loaded(conversationId);
    this.#refuseTooMany(client);
    const subscriptionId = randomUUID();
    const owner = client.kind === 'connection' ? client : new StandingListener(log, start);
    if (owner === client) this.#attachConnection(client, log, start);
    this.#subscriptions.set(subscriptionId, { log, owner });
    return subscriptionId;
  }

  /** Standing listeners count together, since nothing tells their owners apart. */
  #refuseTooMany(client: Client): void {
    let count = 0;
    for (const { owner } of this.#subscriptions.values()) {
      if (client.kind === 'connection' ? owner === client : owner instanceof StandingListener) count += 1;
    }
    if (count < MAX_LISTENERS) return;
    throw new RpcError('overloaded', `more than ${MAX_LISTENERS} listeners`, {
      reason: 'too_many_listeners',
    });
  }

  /** Throws `notFound` for an unknown id. */
  unsubscribe(subscriptionId: string): void {
    if (!this.#drop(subscriptionId.toLowerCase())) {
      throw new RpcError('notFound', `subscription not found: ${subscriptionId}`, {
        reason: 'subscription_not_found',
      });
    }
  }

  /** Reads a standing listener as a stream. Returns what ends the reading; the listener stays. */
  read(subscriptionId: string, sink: Sink, after: string | undefined, onEnd: () => void): () => void {
    const owner = this.#subscriptions.get(subscriptionId.toLowerCase())?.owner;
    if (!(owner instanceof StandingListener)) {
      throw new RpcError('notFound', `subscription not found: ${subscriptionId}`, {
        reason: 'subscription_not_found',
      });
    }
    return owner.read(sink, after, onEnd);
  }

  /** Streams a conversation to a sink for as long as both live. Returns what ends it. */
  follow(conversationId: string, sink: Sink, start: Start, onEnd: () => void): () => void {
    const log = this.#loaded(conversationId);
    log.attach(sink, start);
    const ends = this.#endListeners.get(log) ?? new Set();
    this.#endListeners.set(log, ends.add(onEnd));
    return () => {
      this.#detach(log, sink);
      ends.delete(onEnd);
    };
  }

  /** Streams everything that anybody is told, from now on. Returns what ends it. */
  observe(client: Client): () => void {
    this.#observers.add(client);
    return () => this.#observers.delete(client);
  }

  #loaded(conversationId: string): EventLog {
    const log = this.log(conversationId);
    if (log) return log;
    throw new RpcError('notFound', `conversation not found: ${conversationId}`, {
      reason: 'conversation_not_found',
    });
  }

  /** Several listeners of one connection on one conversation share its one copy of each event. */
  #attachConnection(client: Client, log: EventLog, start: Start): void {
    const attached = this.#isAttached(client, log);
    if (attached && start === 'unheard') return;
    if (attached) log.detach(client);
    log.attach(client, start);
  }

  #isAttached(client: Client, log: EventLog): boolean {
    for (const { owner, log: other } of this.#subscriptions.values()) {
      if (owner === client && other === log) return true;
    }
    return false;
  }

  #drop(subscriptionId: string): boolean {
    const subscription = this.#subscriptions.get(subscriptionId);
    if (!subscription) return false;
    this.#subscriptions.delete(subscriptionId);
    const { log, owner } = subscription;
    if (owner instanceof StandingListener) owner.close();
    if (owner instanceof StandingListener || !this.#isAttached(owner, log)) this.#detach(log, owner);
    return true;
  }

  #detach(log: EventLog, sink: Sink): void {
    log.detach(sink);
    this.#onDetached(log.conversationId);
  }
}
