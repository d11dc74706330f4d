import { setTimeout as delay } from 'node:timers/promises';
import { systemErrorCode } from '../operator-error.ts';
import type { ListedProcess, ProcessTable } from './process-table.ts';
import type { GroupRecord } from './records.ts';

/** Those that belong to a marker or to one of its parts, or to one of the groups. */
export interface Membership {
  readonly marker: string;
  readonly groups: readonly GroupRecord[];
}

const FIRST_WAIT_MS = 5;
/** With the waits doubled each time that is 1.3 s in all: enough for a program that forks as fast as it can. */
const ROUNDS = 8;

/**
 * Kills what is found until nothing more is. Returns how many processes that were; a process that may not be killed, or
 * that the kernel does not let go, is left.
 */
export async function endProcesses(find: () => Promise<readonly ListedProcess[]>): Promise<number> {
  const ended = new Set<number>();
  const kept = new Set<number>();
  for (let round = 0; round < ROUNDS; round++) {
    const found = (await find()).filter(({ pid }) => pid !== process.pid && !kept.has(pid));
    if (found.length === 0) break;
    for (const { pid } of found) (kill(pid) ? ended : kept).add(pid);
    await delay(FIRST_WAIT_MS * 2 ** round);
  }
  return ended.size;
}

export function selectMembers(
  listed: readonly ListedProcess[],
  { marker, groups }: Membership,
  table: Pick<ProcessTable, 'isSameStart'>,
): ListedProcess[] {
  const members = new Set(
    listed.filter((process) => process.marker !== undefined && isPartOf(process.marker, marker)),
  );
  for (const { group, start } of groups) {
    const first = listed.find(({ pid }) => pid === group);
    if (first && !table.isSameStart(first.start, start)) continue;
    for (const process of listed) {
      if (process.group === group && (first || hasOwnSession(process))) members.add(process);
    }
  }
  return [...members];
}

/** Whether a marker is the wanted one or that of one of its parts. */
export function isPartOf(marker: string, wanted: string): boolean {
  return marker === wanted || marker.startsWith(`${wanted}.`);
}

/** Our groups are sessions, too. A group of somebody else's shell that got the number is not. */
function hasOwnSession({ session, group }: ListedProcess): boolean {
  return session === undefined || session === group;
}

function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'ESRCH';
  }
}
