import type { Call } from './call.ts';
import { ConnectionError, RequestError } from './errors.ts';
import type { EventUpdate, Update } from './update.ts';

export interface FeedListener {
  onUpdate(update: Update): void;
  /** Nothing more comes. `undefined` when the conversation was closed. */
  onEnd(error: Error | undefined): void;
}

/** How to get a conversation back that the daemon no longer holds. */
export type Reopen = () => Promise<{ readonly lastEventId?: string | undefined }>;

interface Member {
  readonly listener: FeedListener;
  /** Whether its snapshots tell of calls, and of the running turn, too. */
  readonly detailed: boolean;
  /** Events that wait for a snapshot, which may have them already. */
  held: EventUpdate[] | undefined;
}

/**
 * The events of one conversation for any number of listeners of this client. The daemon sees one listener, which goes
 * on after the last event when the connection was lost; where that cannot be done there is a snapshot.
 */
export class Feed {
  readonly #conversationId: string;
  readonly #call: Call;
  readonly #members = new Set<Member>();
  /** Without it, the feed ends when the daemon no longer holds the conversation. */
  reopen: Reopen | undefined;
  #attached: Promise<void> | undefined;
  #subscriptionId: string | undefined;
  #lastEventId: string | undefined;

  constructor(conversationId: string, call: Call) {
    this.#conversationId = conversationId;
    this.#call = call;
  }

  /**
   * Resolves when it is attached. With `snapshot` the first update is one, `detailed` or not, else events that nobody has
   * heard yet.
   *
   * @returns what ends it
   */
  async listen(listener: FeedListener, { snapshot = false, detailed = false } = {}): Promise<() => void> {
    const member: Member = { listener, detailed, held: snapshot ? [] : undefined };
    this.#members.add(member);
    const leave = (): void => this.#remove(member);
    try {
      this.#attached ??= this.#attach();
      await this.#attached;
      if (snapshot) await this.#refresh([member]);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  takeEvent(update: EventUpdate): void {
    this.#lastEventId = update.eventId;
    for (const { held, listener } of [...this.#members]) {
      if (held) held.push(update);
      else listener.onUpdate(update);
    }
    if (update.msg.type === 'shutdown_complete') void this.#shutDown();
  }

  /** Events are missing. */
  takeGap(): void {
    for (const member of this.#members) member.held ??= [];
    void this.#refreshHeld();
  }

  /** To be called when a new connection stands in for a lost one. */
  async reconnected(): Promise<void> {
    if (this.#members.size === 0) return this.#forget();
    this.#attached = this.#attachAgain();
    await this.#orEnd(() => this.#attached);
    await this.#refreshHeld();
  }

  /** It was archived, or the daemon is about to stop and the conversation goes on with the next one. */
  async #shutDown(): Promise<void> {
    await this.#orEnd(async () => {
      const { archived } = await this.#call('getConversation', { conversationId: this.#conversationId });
      if (archived || !this.reopen) this.end(undefined);
      else await this.reconnected();
    });
  }

  async #orEnd(work: () => Promise<void> | undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isPassing(error)) this.end(error as Error);
    }
  }

  /** For each listener the end; without an error, because the conversation or the client was closed. */
  end(error: Error | undefined): void {
    const members = [...this.#members];
    this.#members.clear();
    this.#forget();
    for (const { listener } of members) listener.onEnd(error);
  }

  async #attach(): Promise<void> {
    const { subscriptionId } = await this.#call('addConversationListener', {
      conversationId: this.#conversationId,
      afterEventId: this.#lastEventId ?? null,
    });
    this.#subscriptionId = subscriptionId;
    if (this.#members.size === 0) this.#detach();
  }

  async #attachAgain(): Promise<void> {
    try {
      await this.#attach();
    } catch (error) {
      if (!this.reopen || !(error instanceof RequestError && error.reason === 'conversation_not_found'))
        throw error;
      const { lastEventId } = await this.reopen();
      this.#lastEventId = lastEventId;
      for (const member of this.#members) member.held ??= [];
      await this.#attach();
    }
  }

  async #refreshHeld(): Promise<void> {
    const waiting = [...this.#members].filter(({ held }) => held !== undefined);
    if (waiting.length > 0) await this.#orEnd(() => this.#refresh(waiting));
  }

  async #refresh(members: readonly Member[]): Promise<void> {
    for (const detailed of [false, true]) {
      const alike = members.filter((member) => member.detailed === detailed);
      if (alike.length > 0) await this.#showSnapshot(alike, detailed);
    }
  }

  async #showSnapshot(members: readonly Member[], detailed: boolean): Promise<void> {
    const conversationId = this.#conversationId;
    const conversation = await this.#call('getConversation', {
      conversationId,
      ...(detailed && { detailed }),
    });
    for (const member of members) {
      const held = member.held ?? [];
      member.held = undefined;
      member.listener.onUpdate({ kind: 'snapshot', conversation });
      // Everything up to the snapshot's place has come before it; what is not found in here is older still.
      const place = held.findIndex(({ eventId }) => eventId === conversation.lastEventId);
      for (const update of held.slice(place + 1)) member.listener.onUpdate(update);
    }
  }

  #remove(member: Member): void {
    if (!this.#members.delete(member) || this.#members.size > 0) return;
    this.#detach();
  }

  #detach(): void {
    const subscriptionId = this.#subscriptionId;
    this.#forget();
    // With the connection, or the conversation, the subscription is gone as well.
    if (subscriptionId) this.#call('removeConversationListener', { subscriptionId }).catch(() => {});
  }

  #forget(): void {
    this.#attached = undefined;
    this.#subscriptionId = undefined;
    this.#lastEventId = undefined;
  }
}

/** The next connection will see to it. */
function isPassing(error: unknown): boolean {
  if (error instanceof ConnectionError) return error.fault === 'lost';
  return error instanceof RequestError && error.reason === 'draining';
}
