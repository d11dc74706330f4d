/** What can be waited for in a turn: that it waits for the model, that it asks, that it is over. */
export type Moment = 'held' | 'asked' | 'ended';

/** How often each moment has come in each conversation, as told by the events. */
export interface TurnLog {
  /** @param method of a notification, such as `codex/event/task_complete` */
  note(method: string, conversationId: string): void;
  count(conversationId: string, moment: Moment): number;
  /** Resolves when the moment has come more often than that. */
  beyond(conversationId: string, moment: Moment, count: number): Promise<void>;
}

const MOMENTS: ReadonlyMap<string, Moment> = new Map([
  ['codex/event/agent_message_delta', 'held'],
  ['codex/event/exec_approval_request', 'asked'],
  ['codex/event/task_complete', 'ended'],
  ['codex/event/turn_aborted', 'ended'],
]);

export function createTurnLog(): TurnLog {
  const counts = new Map<string, number>();
  const waiting = new Set<() => void>();
  const key = (id: string, moment: Moment): string => `${id} ${moment}`;
  const count = (id: string, moment: Moment): number => counts.get(key(id, moment)) ?? 0;
  return {
    count,
    note(method, id) {
      const moment = MOMENTS.get(method);
      if (!moment) return;
      counts.set(key(id, moment), count(id, moment) + 1);
      for (const wake of waiting) wake();
      waiting.clear();
    },
    async beyond(id, moment, reached) {
      while (count(id, moment) <= reached) await new Promise<void>((resolve) => waiting.add(resolve));
    },
  };
}
