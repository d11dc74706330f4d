/**
 * What the daemon is doing, by name, so that whoever looks back at a stall can say what ran. Names come from fixed sets, as
 * those of labels do (SEC-RED-7).
 */
export interface Operations {
  readonly isBusy: boolean;
  /** Names of what goes on, each once. */
  readonly running: readonly string[];
  /** Returns what ends it; ending twice does nothing. */
  begin(name: string): () => void;
  /**
   * Who can have blocked the event loop: what ended since a timer was due, or was begun shortly before and goes on.
   * @param due milliseconds, as `performance.now` gives them
   * @param shortly milliseconds
   */
  suspects(due: number, shortly: number): readonly string[];
  /** Calls the listener, which must not throw, at each beginning with the time of it; there is one. */
  onBegin(listener: (now: number) => void): void;
}

interface Operation {
  readonly name: string;
  readonly begunAt: number;
}

interface Ended {
  readonly name: string;
  readonly endedAt: number;
}

/** How many of those that ended are remembered. */
const REMEMBERED = 64;

export function createOperations(): Operations {
  const going = new Set<Operation>();
  /** A ring: where the oldest is, the next one goes. */
  const ended: Ended[] = [];
  let next = 0;
  let announce: (now: number) => void = () => {};

  const end = (operation: Operation): void => {
    if (!going.delete(operation)) return;
    ended[next] = { name: operation.name, endedAt: performance.now() };
    next = (next + 1) % REMEMBERED;
  };
  return {
    get isBusy() {
      return going.size > 0;
    },
    get running() {
      return namesOf(going);
    },
    begin(name) {
      const operation = { name, begunAt: performance.now() };
      going.add(operation);
      announce(operation.begunAt);
      return () => end(operation);
    },
    suspects(due, shortly) {
      const inOrder = [...ended.slice(next), ...ended.slice(0, next)];
      const finished = inOrder.filter(({ endedAt }) => endedAt >= due);
      const fresh = [...going].filter(({ begunAt }) => begunAt >= due - shortly);
      return namesOf([...finished, ...fresh]);
    },
    onBegin(listener) {
      announce = listener;
    },
  };
}

const namesOf = (operations: Iterable<{ readonly name: string }>): string[] => [
  ...new Set([...operations].map(({ name }) => name)),
];
