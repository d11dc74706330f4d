/**
 * Keeps track of the processes that are started for one purpose, a turn for example, so that none outlives it. Every
 * program of ours runs in a scope, at the head of a process group of its own.
 */
export interface ProcessScope {
  /** Goes on top of the environment of what is started here, and so to what that starts in turn. */
  readonly env: Readonly<Record<string, string>>;
  /** A new part of this scope: ended by itself, or with the whole. */
  within(): ProcessScope;
  /**
   * Takes note of a group, by the pid of its first process, as soon as that is started. What is returned is to be
   * called when the first process has ended; others of the group may go on.
   */
  watch(group: number): () => void;
  /** Whether any process of the scope runs, in its group or out of it. Looks at all processes if one was ever started. */
  isAlive(): Promise<boolean>;
  /** Ends by force every process of the scope that still runs, in its group or out of it. Never fails. */
  endAll(): Promise<void>;
}
