import type { GroupRecord } from './records.ts';

/** The variable that every process of ours inherits, and by which it is known (SEC-EXEC-4). */
export const MARKER = 'CODEXD_RUN_ID';

export interface ListedProcess {
  readonly pid: number;
  readonly group: number;
  /** `undefined` where the system does not say. */
  readonly session: number | undefined;
  readonly start: number;
  /** The value of {@link MARKER} in the environment that the program was started with, as far as it can be read. */
  readonly marker: string | undefined;
}

/** What the system says of its processes. Start times are in a unit of the table's own. */
export interface ProcessTable {
  /** Of a process that has just been started as the first one of its group. */
  identify(pid: number): GroupRecord;
  /** Every process that runs; no zombies. */
  list(): Promise<ListedProcess[]>;
  /** Whether the start times can be those of one process. */
  isSameStart(a: number, b: number): boolean;
  /** Whether the machine has not been started anew since. */
  isOfThisBoot(record: GroupRecord): boolean;
}
