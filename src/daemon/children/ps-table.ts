import { execFile } from 'node:child_process';
import { uptime } from 'node:os';
import { promisify } from 'node:util';
import type { ListedProcess, ProcessTable } from './process-table.ts';

const run = promisify(execFile);
const COLUMNS = 'pid=,pgid=,stat=,lstart=';
/** `lstart` has whole seconds, and a moment passes between a start and the note of it. */
const TOLERANCE_MS = 2000;
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Asks ps(1), where there is no `/proc`. Start times are milliseconds since the epoch. No markers are seen, so only
 * groups can be found.
 */
export function psTable(): ProcessTable {
  return {
    identify: (pid) => ({ group: pid, start: Date.now(), bootId: null }),
    list,
    isSameStart: (a, b) => Math.abs(a - b) <= TOLERANCE_MS,
    isOfThisBoot: ({ start }) => start > Date.now() - uptime() * 1000,
  };
}

async function list(): Promise<ListedProcess[]> {
  const options = { env: { ...process.env, LC_ALL: 'C' }, maxBuffer: MAX_BYTES };
  const { stdout } = await run('ps', ['-A', '-o', COLUMNS], options);
  return stdout.split('\n').flatMap(readLine);
}

function readLine(line: string): ListedProcess[] {
  const [, pid, group, state = '', started = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
  if (pid === undefined || state.startsWith('Z')) return [];
  const start = Date.parse(started);
  return [{ pid: Number(pid), group: Number(group), session: undefined, start, marker: undefined }];
}
