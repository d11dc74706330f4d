import { readFileSync } from 'node:fs';

/** Linux counts times in `/proc` in units of 1/100 s for every program (proc_pid_stat(5), `sysconf(_SC_CLK_TCK)`). */
const TICK_MS = 10;

/** Tells a process from a later one that got the same pid. Members are `null` where the system does not say. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and the start of the process. */
  readonly startTicks: number | null;
  readonly bootId: string | null;
}

export function identify(pid: number): ProcessIdentity {
  return { pid, startTicks: readStat(pid)?.startTicks ?? null, bootId: readBootId() };
}

export function isIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startTicks, bootId } = value as Record<string, unknown>;
  return (
    Number.isSafeInteger(pid) &&
    Number(pid) > 0 &&
    (startTicks === null || typeof startTicks === 'number') &&
    (bootId === null || typeof bootId === 'string')
  );
}

/** Whether that very process still runs. Without `/proc` a recycled pid cannot be told. */
export function isSameProcess(recorded: ProcessIdentity): boolean {
  if (!isRunning(recorded.pid)) return false;
  const now = identify(recorded.pid);
  return recorded.startTicks === now.startTicks && recorded.bootId === now.bootId;
}

/** A zombie does not count: it holds nothing any more. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process runs, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  const state = readStat(pid)?.state;
  return state !== 'Z' && state !== 'X';
}

/** @returns milliseconds since the epoch by today's clock, `undefined` without `/proc` */
export function startTime(pid: number): number | undefined {
  const ticks = readStat(pid)?.startTicks;
  const uptime = readText('/proc/uptime');
  if (ticks === undefined || uptime === undefined) return undefined;
  return Date.now() - Number.parseFloat(uptime) * 1000 + ticks * TICK_MS;
}

export interface ProcessStat {
  /** One letter; `Z` is a zombie. */
  readonly state: string;
  readonly group: number;
  readonly session: number;
  /** Clock ticks between boot and the start of the process. */
  readonly startTicks: number;
}

/** What `/proc` says (proc_pid_stat(5)); `undefined` for a process that is gone, and where there is no `/proc`. */
export function readStat(pid: number): ProcessStat | undefined {
  const text = readText(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The second field is the program's name in parentheses and may hold spaces and parentheses itself.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    state: fields[0] ?? '',
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTicks: Number(fields[19]),
  };
}

export function readBootId(): string | null {
  return readText('/proc/sys/kernel/random/boot_id')?.trim() ?? null;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
