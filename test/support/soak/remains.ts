import { setTimeout as delay } from 'node:timers/promises';
import { isWatchdog, openDescriptors, type SystemProcess, systemProcesses } from '../system-processes.ts';

const SETTLED_MS = 500;
const SETTLE_LIMIT_MS = 8_000;

/** What runs below the folder and is not the daemon, and what the daemon has not collected: found by folder and parent. */
export function findLeftovers(root: string, daemonPid: number): SystemProcess[] {
  return systemProcesses().filter((found) => {
    if (isWatchdog(found)) return false;
    const { pid, parent, cwd, state } = found;
    const isBelow = state !== 'Z' && (cwd === root || cwd.startsWith(`${root}/`));
    return pid !== daemonPid && (isBelow || parent === daemonPid);
  });
}

/** Open descriptors of a process once their number stands still: connections take a moment to close. */
export async function countDescriptors(pid: number): Promise<number> {
  let count = openDescriptors(pid);
  const limit = Date.now() + SETTLE_LIMIT_MS;
  for (let still = 0; still < SETTLED_MS && Date.now() < limit; still += 50) {
    await delay(50);
    const now = openDescriptors(pid);
    if (now !== count) still = 0;
    count = now;
  }
  return count;
}
