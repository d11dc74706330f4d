import type { Log } from '../log.ts';
import { createTurnActivity, type TurnActivity } from './turn-activity.ts';

export interface WatchedTurn {
  readonly conversationId: string;
  readonly id: string;
  readonly startedAt: Date;
  readonly activity: TurnActivity;
  /** Ends the turn, also when it does not react any more. */
  stall(): void;
}

/** Looks for turns that nothing will end, while any turn runs (REL-MS-15). */
export interface StalledTurns {
  /** For a turn that begins. */
  account(): TurnActivity;
  /** Returns what is to be called at the turn's end. */
  watch(turn: WatchedTurn): () => void;
}

/** In milliseconds. */
export interface StallTimes {
  /** Between two looks. */
  readonly sweepMs: number;
  /** For what has no limit of its own: short work on files and in memory. */
  readonly unaccountedMs: number;
}

export const STALL_TIMES: StallTimes = { sweepMs: 10_000, unaccountedMs: 60_000 };

export function createStalledTurns(log: Log, { sweepMs, unaccountedMs }: StallTimes): StalledTurns {
  const turns = new Set<WatchedTurn>();
  /** At the sweep before. After the whole process has stood still, whatever was due meanwhile gets its chance first. */
  let suspects = new Set<WatchedTurn>();
  let timer: NodeJS.Timeout | undefined;

  async function sweep(): Promise<void> {
    const standing = await Promise.all(
      [...turns].map(async (turn) => ((await turn.activity.isStalled()) ? [turn] : [])),
    );
    const before = suspects;
    suspects = new Set(standing.flat());
    for (const turn of suspects) if (before.has(turn) && turns.has(turn)) end(turn);
  }

  function end(turn: WatchedTurn): void {
    const { conversationId, id, startedAt, activity } = turn;
    turns.delete(turn);
    log.error(
      {
        reason: 'internal_stall',
        conversationId,
        turnId: id,
        startedAt,
        ...activity.describe(),
        resources: countOf(process.getActiveResourcesInfo()),
      },
      'a turn is ended that nothing would have ended',
    );
    turn.stall();
  }

  const attempt = (): void => {
    sweep().catch((err: unknown) => log.error({ err }, 'looking for turns that stand still failed'));
  };

  return {
    account: () => createTurnActivity(unaccountedMs),
    watch(turn) {
      turns.add(turn);
      timer ??= setInterval(attempt, sweepMs).unref();
      return () => {
        turns.delete(turn);
        suspects.delete(turn);
        if (turns.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
  };
}

function countOf(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
