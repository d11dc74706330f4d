import type { ServerNotification, ServerRequest } from '../protocol/messages.ts';
import type { MethodName, Params, Result } from '../protocol/registry.ts';
import { type ApprovalHandler, Approvals } from './approvals.ts';
import { type CallOptions, createCall } from './call.ts';
import { Connection, type ConnectionOptions, type ConnectionState } from './connection.ts';
import { type Conversation, createConversation } from './conversation.ts';
import { Feed, type Reopen } from './feed.ts';
import type { Incoming } from './incoming.ts';

/** Methods whose params may be left out altogether. */
type Parameterless = { [N in MethodName]: Record<string, never> extends Params<N> ? N : never }[MethodName];

/** A connection to the daemon that mends itself. Everything it is asked waits while there is none. */
export interface Client {
  readonly state: ConnectionState;
  /** Any method of the protocol, by its name. */
  call<N extends Parameterless>(method: N, params?: Params<N>, options?: CallOptions): Promise<Result<N>>;
  call<N extends MethodName>(method: N, params: Params<N>, options?: CallOptions): Promise<Result<N>>;
  /** Starts one. When the daemon is started again it is taken up with the same settings. */
  newConversation(params?: Params<'newConversation'>): Promise<OpenedConversation>;
  /** Goes on with a stored one, or attaches to it; taken up again likewise. */
  resumeConversation(params: Params<'resumeConversation'>): Promise<OpenedConversation>;
  /** One that the daemon has loaded; followings of it end when it has no longer. */
  conversation(conversationId: string): Conversation;
  /** Asked the questions of every conversation that this client listens to. Returns what ends it. */
  onApproval(handler: ApprovalHandler): () => void;
  /** Everything that the daemon tells unasked. Returns what ends it. */
  onNotification(listener: (notification: ServerNotification) => void): () => void;
  onState(listener: (state: ConnectionState) => void): () => void;
  close(): void;
  [Symbol.dispose](): void;
}

export interface OpenedConversation extends Conversation {
  readonly model: string;
  readonly rolloutPath: string;
}

/** @throws {ConnectionError} when the first connection cannot be made */
export async function createClient(options: ConnectionOptions): Promise<Client> {
  const feeds = new Map<string, Feed>();
  const notified = new Set<(notification: ServerNotification) => void>();
  const stateListeners = new Set<(state: ConnectionState) => void>();
  const connection = new Connection(options, {
    onMessage: receive,
    onReconnected() {
      for (const feed of feeds.values()) void feed.reconnected();
      // Without a connection again, the next one asks again.
      approvals.reconnected().catch(() => {});
    },
    onState(state) {
      for (const listener of stateListeners) listener(state);
    },
    onClosed(error) {
      for (const feed of feeds.values()) feed.end(error.fault === 'closed' ? undefined : error);
    },
  });
  const request: Connection['request'] = (...args) => connection.request(...args);
  const call = createCall(request);
  const approvals = new Approvals(call);

  function receive(message: Exclude<Incoming, { kind: 'answer' }>): void {
    // Its shape is what the registry says; the daemon checks it.
    if (message.kind === 'request') {
      approvals.show(message as unknown as ServerRequest);
      return;
    }
    const notification = message as unknown as ServerNotification;
    route(notification);
    for (const listener of notified) listener(notification);
  }

  function route({ method, params }: ServerNotification): void {
    if (method === 'approvalResolved') approvals.settle(params.approvalId, params.decision);
    if (!('conversationId' in params)) return;
    const feed = feeds.get(params.conversationId.toLowerCase());
    if (method === 'codex/event/gap') feed?.takeGap();
    if (!('msg' in params) || !params._meta) return;
    const { id: turnId, msg, _meta: meta } = params;
    feed?.takeEvent({ kind: 'event', eventId: meta.eventId, turnId, msg });
  }

  function conversation(conversationId: string, reopen?: Reopen): Conversation {
    const key = conversationId.toLowerCase();
    const feed = feeds.get(key) ?? new Feed(conversationId, call);
    if (reopen) feed.reopen = reopen;
    feeds.set(key, feed);
    return createConversation({
      id: conversationId,
      feed,
      call,
      approvals,
      request,
    });
  }

  function opened(id: string, model: string, rolloutPath: string, reopen: Reopen): OpenedConversation {
    return { ...conversation(id, reopen), model, rolloutPath };
  }

  await connection.open();
  return {
    get state() {
      return connection.state;
    },
    call: (method: MethodName, params?: object, callOptions?: CallOptions) =>
      call(method, (params ?? {}) as never, callOptions) as never,
    async newConversation(params = {}) {
      const { conversationId, model, rolloutPath } = await call('newConversation', params);
      const reopen = () => call('resumeConversation', { path: rolloutPath, overrides: params });
      return opened(conversationId, model, rolloutPath, reopen);
    },
    async resumeConversation(params) {
      const { conversationId, model } = await call('resumeConversation', params);
      return opened(conversationId, model, params.path, () => call('resumeConversation', params));
    },
    conversation: (conversationId) => conversation(conversationId),
    onApproval: (handler) => approvals.handle(handler),
    onNotification: (listener) => subscribe(notified, listener),
    onState: (listener) => subscribe(stateListeners, listener),
    close: () => connection.close(),
    [Symbol.dispose]: () => connection.close(),
  };
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
