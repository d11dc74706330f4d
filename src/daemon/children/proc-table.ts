import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { readBootId, readStat } from '../process-identity.ts';
import { type ListedProcess, MARKER, type ProcessTable } from './process-table.ts';

/** Some 2 ms of reading, after which others get their turn. */
const BATCH = 64;
const MARKED = new RegExp(`(?:^|\\0)${MARKER}=([^\\0]*)`);

/** Reads `/proc` (Linux). Start times are clock ticks since boot. */
export function procTable(): ProcessTable {
  const bootId = readBootId();
  return {
    identify: (pid) => ({ group: pid, start: readStat(pid)?.startTicks ?? 0, bootId }),
    list,
    isSameStart: (a, b) => a === b,
    isOfThisBoot: (record) => record.bootId === bootId,
  };
}

async function list(): Promise<ListedProcess[]> {
  const found: ListedProcess[] = [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const [index, pid] of pids.entries()) {
    if (index % BATCH === BATCH - 1) await setImmediate();
    const stat = readStat(pid);
    if (stat === undefined || stat.state === 'Z' || stat.state === 'X') continue;
    const { group, session, startTicks } = stat;
    found.push({ pid, group, session, start: startTicks, marker: readMarker(pid) });
  }
  return found;
}

function readMarker(pid: number): string | undefined {
  try {
    return MARKED.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1];
  } catch {
    // Another user's, or gone.
    return undefined;
  }
}
