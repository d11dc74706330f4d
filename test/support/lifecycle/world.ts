import type { Caller } from './callers.ts';
import type { Script } from './script.ts';
import type { TurnLog } from './turn-log.ts';

/** What conversations live in, and several clients beside each other. */
export interface World {
  readonly home: string;
  readonly cwd: string;
  readonly script: Script;
  readonly turns: TurnLog;
  /** Two with connections, and one without. */
  readonly callers: readonly [Caller, Caller, Caller];
}
