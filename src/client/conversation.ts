import type { Result } from '../protocol/registry.ts';
import type { InputItem } from '../protocol/vocabulary/items.ts';
import type { Approval, ApprovalHandler, Approvals } from './approvals.ts';
import { createAsyncQueue } from './async-queue.ts';
import type { Call } from './call.ts';
import type { Settle } from './connection.ts';
import type { Feed, FeedListener } from './feed.ts';
import { type Turn, watchTurn } from './turn.ts';
import type { Update } from './update.ts';

/** A text, or the items of the protocol. */
export type Input = string | readonly InputItem[];

export interface RunOptions {
  /** Interrupts the turn. */
  readonly signal?: AbortSignal | undefined;
  /** Asked the questions of this conversation for as long as the turn runs. */
  readonly onApproval?: ApprovalHandler | undefined;
}

export interface FollowOptions {
  /** Begin with a snapshot; without it, with what nobody has heard yet. */
  readonly snapshot?: boolean;
  /**
   * Snapshots tell of commands, patches, plans and tools, too, and of all that the running turn did so far: with the
   * updates after them they make up the whole.
   */
  readonly detailed?: boolean;
  /** Ends the following. */
  readonly signal?: AbortSignal | undefined;
}

/** One conversation of the daemon. */
export interface Conversation {
  readonly id: string;
  /** Sends a message and watches the turn that it starts or joins. */
  run(input: Input, options?: RunOptions): Turn;
  /** Every update from now on, until the conversation is closed or the reader leaves. */
  follow(options?: FollowOptions): AsyncIterableIterator<Update>;
  get(): Promise<Result<'getConversation'>>;
  /** Gives everybody who follows a snapshot, in its place among the events. */
  refresh(): void;
  interrupt(): Promise<void>;
}

export interface ConversationParts {
  readonly id: string;
  readonly feed: Feed;
  readonly call: Call;
  readonly approvals: Approvals;
  /** As `call`, but the answer is looked at in its place among the events. */
  request(method: string, params: object, settle: Settle): void;
}

/** What one reader may leave unread before it is given a snapshot instead. */
const MAX_UNREAD = 50_000;

export function createConversation(parts: ConversationParts): Conversation {
  const { id, call } = parts;
  const conversationId = id;
  return {
    id,
    run: (input, options) => startTurn(parts, toItems(input), options ?? {}),
    follow: (options) => follow(parts.feed, options ?? {}),
    get: () => call('getConversation', { conversationId }),
    refresh: () => parts.feed.takeGap(),
    async interrupt() {
      await call('interruptConversation', { conversationId });
    },
  };
}

function toItems(input: Input): InputItem[] {
  return typeof input === 'string' ? [{ type: 'text', data: { text: input } }] : [...input];
}

function startTurn(
  { id, feed, call, approvals, request }: ConversationParts,
  items: InputItem[],
  { signal, onApproval }: RunOptions,
): Turn {
  signal?.throwIfAborted();
  const cleanUp: (() => void)[] = [];
  const watch = watchTurn(() => {
    for (const clean of cleanUp.splice(0)) clean();
  });
  const interrupt = async (): Promise<void> => {
    await call('interruptConversation', { conversationId: id });
  };
  // What becomes of the interruption, the turn's own end tells.
  const onAbort = (): void => void interrupt().catch(() => {});

  async function start(): Promise<void> {
    cleanUp.push(await feed.listen(watch));
    if (onApproval) {
      const ours = async (asked: Approval) =>
        asked.conversationId === id ? await onApproval(asked) : undefined;
      cleanUp.push(approvals.handle(ours));
    }
    signal?.throwIfAborted();
    signal?.addEventListener('abort', onAbort, { once: true });
    cleanUp.push(() => signal?.removeEventListener('abort', onAbort));
    request(
      'sendUserMessage',
      { conversationId: id, items },
      {
        resolve() {
          watch.accepted();
          // Before it began there was nothing to interrupt.
          if (signal?.aborted) onAbort();
        },
        reject: watch.onEnd,
      },
    );
  }

  start().catch((error: Error) => watch.onEnd(error));
  return { result: watch.result, interrupt, [Symbol.asyncIterator]: () => watch.updates };
}

function follow(
  feed: Feed,
  { snapshot = false, detailed = false, signal }: FollowOptions,
): AsyncIterableIterator<Update> {
  const left = Promise.withResolvers<void>();
  const queue = createAsyncQueue<Update>(left.resolve);
  const onAbort = (): void => {
    left.resolve();
    queue.end();
  };

  const listener: FeedListener = {
    onUpdate(update) {
      queue.push(update);
      if (queue.length <= MAX_UNREAD) return;
      queue.clear();
      feed.takeGap();
    },
    onEnd: (error) => (error ? queue.fail(error) : queue.end()),
  };

  async function start(): Promise<void> {
    signal?.throwIfAborted();
    signal?.addEventListener('abort', onAbort, { once: true });
    const leave = await feed.listen(listener, { snapshot, detailed });
    await left.promise;
    signal?.removeEventListener('abort', onAbort);
    leave();
  }

  start().catch(queue.fail);
  return queue.values;
}
