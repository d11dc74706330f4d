/** Something that a turn waits for and that will end by itself. */
export interface ProgressSource {
  readonly name: string;
  /** Milliseconds that it may stay silent; `Infinity` where only the user decides. */
  readonly limitMs: number;
  /** Asked when it has been silent for longer: whether it is still there. */
  readonly isAlive?: () => Promise<boolean>;
}

export interface TurnActivity {
  /** Something has come of the turn. */
  move(): void;
  /** Does a part of the turn's work that goes on because of the source. */
  during<T>(source: ProgressSource, work: () => Promise<T>): Promise<T>;
  /** Whether the turn has stood still for so long that nothing will move it any more. */
  isStalled(): Promise<boolean>;
  /** For the log: what the turn waits for, outermost first, and since when, in milliseconds. */
  describe(): { readonly silentMs: number; readonly sources: readonly string[] };
}

/**
 * Keeps account of why a turn goes on (REL-MS-15).
 * @param unaccountedMs how long what has no source of its own may take
 */
export function createTurnActivity(unaccountedMs: number): TurnActivity {
  const sources: ProgressSource[] = [];
  let movedAt = performance.now();
  const move = (): void => {
    movedAt = performance.now();
  };
  const silentMs = (): number => performance.now() - movedAt;
  return {
    move,
    async during(source, work) {
      sources.push(source);
      move();
      try {
        return await work();
      } finally {
        sources.splice(sources.lastIndexOf(source), 1);
        move();
      }
    },
    async isStalled() {
      const source = sources.at(-1);
      if (silentMs() <= (source?.limitMs ?? unaccountedMs)) return false;
      return !(await source?.isAlive?.());
    },
    describe: () => ({ silentMs: Math.round(silentMs()), sources: sources.map(({ name }) => name) }),
  };
}
