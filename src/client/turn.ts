import { createAsyncQueue } from './async-queue.ts';
import { ConnectionError } from './errors.ts';
import type { FeedListener } from './feed.ts';
import type { SnapshotUpdate, Update } from './update.ts';

export interface TurnResult {
  /** `failed`: the model could not be had; `interrupted`: by anybody, or by the end of the daemon. */
  readonly status: 'completed' | 'failed' | 'interrupted';
  readonly lastAgentMessage: string | null;
  /** Of a turn that failed. */
  readonly error: string | undefined;
}

/**
 * A turn as it runs: its updates for one `for await`, which may be left out or left early, and what came of it. The
 * turn itself goes on whoever looks.
 */
export interface Turn extends AsyncIterable<Update> {
  /** Rejects with `ConnectionError` or `RequestError` when the message could not be sent or its turn was lost sight of. */
  readonly result: Promise<TurnResult>;
  /** Aborts it; resolves when it is over. */
  interrupt(): Promise<void>;
}

export interface TurnWatch extends FeedListener {
  /** The daemon has the message: what comes from here on belongs to its turn. */
  accepted(): void;
  readonly updates: AsyncIterableIterator<Update>;
  readonly result: Promise<TurnResult>;
}

/**
 * Finds the turn of a message among the updates of its conversation. The first event after the daemon took the message
 * tells whether it began a turn or joined one; the end of that turn ends the watch.
 *
 * @param onOver called once, when there is nothing more to watch for
 */
export function watchTurn(onOver: () => void): TurnWatch {
  const queue = createAsyncQueue<Update>();
  const result = Promise.withResolvers<TurnResult>();
  // Who only looks at the updates is told by them.
  result.promise.catch(() => {});
  let isAccepted = false;
  let turnId: string | undefined;
  let error: string | undefined;

  function finish(outcome: TurnResult): void {
    result.resolve(outcome);
    queue.end();
    onOver();
  }

  function takeSnapshot({ conversation }: SnapshotUpdate): void {
    const { turn, messages } = conversation;
    if (turn && (turnId === undefined || turn.id === turnId)) turnId = turn.id;
    else finish(outcomeOf(messages));
  }

  return {
    updates: queue.values,
    result: result.promise,
    accepted() {
      isAccepted = true;
    },
    onUpdate(update) {
      if (!isAccepted) return;
      queue.push(update);
      if (update.kind === 'snapshot') return takeSnapshot(update);
      const { msg } = update;
      if (isOfTurn(update.turnId)) turnId ??= update.turnId;
      if (update.turnId !== turnId) return;
      if (msg.type === 'error') error = msg.message;
      if (msg.type === 'turn_aborted') finish({ status: 'interrupted', lastAgentMessage: null, error });
      if (msg.type === 'task_complete') {
        const status = error === undefined ? 'completed' : 'failed';
        finish({ status, lastAgentMessage: msg.last_agent_message, error });
      }
    },
    onEnd(reason) {
      const failure = reason ?? new ConnectionError('closed', 'the conversation was closed, or this client');
      result.reject(failure);
      queue.fail(failure);
      onOver();
    },
  };
}

/** Notices of the conversation have no turn, and compactions inside of one have ids of their own. */
const isOfTurn = (id: string): boolean => /^\d+$/.test(id);

/** What the stored messages tell of a turn whose end was missed. */
function outcomeOf(
  messages: readonly { readonly type: string; readonly [member: string]: unknown }[],
): TurnResult {
  const last = messages.findLast(({ type }) => type === 'agent_message' || type === 'turn_aborted');
  if (last?.type !== 'agent_message')
    return { status: 'interrupted', lastAgentMessage: null, error: undefined };
  return { status: 'completed', lastAgentMessage: String(last.message), error: undefined };
}
