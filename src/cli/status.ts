import { locateHome } from '../daemon/home.ts';
import { type DaemonInfo, findDaemon } from '../daemon/info.ts';
import { holdsPidLock } from '../daemon/pid-lock.ts';
import { givenUrl } from './connection.ts';
import { type OutputFlags, print } from './output.ts';
import { ensureDaemon, type StartFlags } from './start-daemon.ts';

export interface StatusFlags extends OutputFlags, StartFlags {}

const HEALTH_TIMEOUT_MS = 2_000;

interface Status extends Partial<DaemonInfo> {
  /** `stale`: `daemon.json` names a process that is gone. `unreachable`: nothing answers at `CODEXD_URL`. */
  readonly state: 'running' | 'stopped' | 'stale' | 'unreachable';
  /** Whether `/healthz` answered. */
  readonly healthy: boolean;
  /** `pid file` where the machine has no helper for a kernel lock. */
  readonly lock?: 'kernel' | 'pid file';
}

/** `codexd status`: exit code 0 when the daemon runs and answers, else 1. */
export async function printStatus(flags: StatusFlags): Promise<number> {
  const { folder } = await locateHome(process.env);
  await ensureDaemon(folder, process.env, flags);
  const status = await gatherStatus(process.env);
  print(flags, status, describe(status));
  return status.healthy ? 0 : 1;
}

async function gatherStatus(env: NodeJS.ProcessEnv): Promise<Status> {
  const url = givenUrl(env);
  if (url !== undefined) {
    const healthy = await isHealthy(url);
    return { state: healthy ? 'running' : 'unreachable', url, healthy };
  }
  const { folder } = await locateHome(env);
  const presence = await findDaemon(folder);
  if (presence.state === 'absent') return { state: 'stopped', healthy: false };
  const { info } = presence;
  if (presence.state === 'stale') return { state: 'stale', healthy: false, ...info };
  const lock = holdsPidLock(folder, info.pid) ? 'pid file' : 'kernel';
  return { state: 'running', healthy: await isHealthy(info.url), ...info, lock };
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

function describe(status: Status): string {
  const details: [string, string | number | null | undefined][] = [
    ['pid', status.pid],
    ['version', status.version],
    ['started', status.startedAt],
    ['socket', status.socket],
    ['token in', status.tokenPath],
    ['lock', status.lock],
  ];
  const shown = details.filter(([, value]) => value !== undefined && value !== null);
  return [headline(status), ...shown.map(([name, value]) => `  ${name.padEnd(9)}${value}`)].join('\n');
}

function headline({ state, url, pid, healthy }: Status): string {
  if (state === 'stopped') return 'codexd is not running; start it with: codexd serve';
  if (state === 'stale') return `codexd is not running: process ${pid}, which listened on ${url}, is gone`;
  if (state === 'unreachable') return `nothing answers at ${url}`;
  return healthy ? `codexd is running on ${url}` : `codexd is running on ${url}, but does not answer`;
}
