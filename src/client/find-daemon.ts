import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ConnectionError } from './errors.ts';
import type { Endpoint } from './link.ts';

/** What of `daemon.json` leads to the daemon (public interface, section 2). */
interface DaemonFile {
  readonly pid: number;
  readonly url: string;
  readonly tokenPath: string;
  readonly startedAt: string;
}

/** Clocks are corrected by small steps, and a pid is not given away again within seconds. */
const TOLERANCE_MS = 10_000;
/** Linux counts in units of 1/100 s for every program (proc_pid_stat(5)). */
const TICK_MS = 10;

/**
 * The daemon that `CODEXD_URL` names, else the one of `$CODEX_HOME`, with the token that `CODEXD_TOKEN` or its file has.
 *
 * @throws {ConnectionError} `not_running` when there is none, or no token for it
 */
export async function findDaemon(env: NodeJS.ProcessEnv): Promise<Endpoint> {
  const { CODEXD_URL: given, CODEXD_TOKEN: token } = env;
  const folder = join(env.CODEX_HOME || join(homedir(), '.codex'), 'codexd');
  if (given) {
    return { url: withoutSlash(given), token: token ?? (await readToken(join(folder, 'token'))) };
  }
  const { url, tokenPath } = await readDaemonFile(join(folder, 'daemon.json'));
  return { url: withoutSlash(url), token: token ?? (await readToken(tokenPath)) };
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

async function readToken(path: string): Promise<string> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (cause) {
    throw new ConnectionError('not_running', `there is no token at ${path}; set CODEXD_TOKEN`, { cause });
  }
}

async function readDaemonFile(path: string): Promise<DaemonFile> {
  const found = await readFile(path, 'utf8').then(
    (text) => JSON.parse(text) as DaemonFile,
    (cause: unknown) => {
      throw notRunning(`there is no ${path}`, cause);
    },
  );
  if (await isRunning(found)) return found;
  throw notRunning(`process ${found.pid}, which listened on ${found.url}, is gone`);
}

function notRunning(reason: string, cause?: unknown): ConnectionError {
  return new ConnectionError('not_running', `codexd is not running: ${reason}. Start it with: codexd serve`, {
    cause,
  });
}

/** A later process may have the pid, and another program the port: it must not be shown the token. */
async function isRunning({ pid, startedAt }: DaemonFile): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const started = await startTime(pid);
  return started === undefined || Math.abs(started - Date.parse(startedAt)) <= TOLERANCE_MS;
}

/** Milliseconds since the epoch; `undefined` without `/proc`. */
async function startTime(pid: number): Promise<number | undefined> {
  try {
    const [stat, uptime] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/uptime', 'utf8'),
    ]);
    // The program's name, in parentheses, may hold anything; the start is the 20th field after it.
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
    return Date.now() - Number.parseFloat(uptime) * 1000 + ticks * TICK_MS;
  } catch {
    return undefined;
  }
}
