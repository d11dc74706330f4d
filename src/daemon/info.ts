import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { lockPath } from './lock.ts';
import { systemErrorCode } from './operator-error.ts';
import { readPrivateFile, writePrivateFile } from './private-file.ts';
import { isRunning, startTime } from './process-identity.ts';

/** `daemon.json` of the public interface, section 2. It names the token's file and never holds the token. */
export interface DaemonInfo {
  readonly pid: number;
  readonly url: string;
  readonly socket: string | null;
  readonly version: string;
  readonly protocolVersions: readonly string[];
  readonly tokenPath: string;
  /** ISO 8601: when the process started. */
  readonly startedAt: string;
}

/** `stale`: the recorded process is gone. */
export type Presence =
  | { readonly state: 'absent' }
  | { readonly state: 'running' | 'stale'; readonly info: DaemonInfo };

/** Clocks are corrected by small steps all the time; a pid is not reused within seconds of the first owner's start. */
const CLOCK_TOLERANCE_MS = 10_000;

export function infoPath(folder: string): string {
  return join(folder, 'daemon.json');
}

export function processStartedAt(): string {
  return new Date(Date.now() - process.uptime() * 1000).toISOString();
}

export async function publishInfo(folder: string, info: DaemonInfo): Promise<void> {
  await writePrivateFile(infoPath(folder), `${JSON.stringify(info, null, 2)}\n`);
}

/** Only the holder of the instance lock may call it. */
export async function withdrawInfo(folder: string): Promise<void> {
  await rm(infoPath(folder), { force: true });
}

/**
 * What `daemon.json` says, checked against the process table; the daemon is not asked. A file that is not a
 * `daemon.json` counts as absent, as the next start replaces it.
 *
 * @throws {OperatorError} when other users may touch the file
 */
export async function findDaemon(folder: string): Promise<Presence> {
  const info = await readInfo(folder);
  if (info === undefined) return { state: 'absent' };
  return { state: (await isDaemon(folder, info)) ? 'running' : 'stale', info };
}

async function readInfo(folder: string): Promise<DaemonInfo | undefined> {
  try {
    const value: unknown = JSON.parse(await readPrivateFile(infoPath(folder)));
    return isDaemonInfo(value) ? value : undefined;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** By hand, because loading a schema library takes longer than all the rest of `codexd token`. */
function isDaemonInfo(value: unknown): value is DaemonInfo {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, url, socket, version, protocolVersions, tokenPath, startedAt } = value as Record<
    string,
    unknown
  >;
  return (
    Number.isSafeInteger(pid) &&
    Number(pid) > 0 &&
    typeof url === 'string' &&
    URL.canParse(url) &&
    (socket === null || typeof socket === 'string') &&
    typeof version === 'string' &&
    Array.isArray(protocolVersions) &&
    typeof tokenPath === 'string' &&
    typeof startedAt === 'string'
  );
}

async function isDaemon(folder: string, info: DaemonInfo): Promise<boolean> {
  if (!isRunning(info.pid)) return false;
  const started = startTime(info.pid);
  if (started === undefined) return true;
  if (Math.abs(started - Date.parse(info.startedAt)) <= CLOCK_TOLERANCE_MS) return true;
  // The clock may have been set since, but only the daemon keeps the lock file open.
  return hasOpen(info.pid, lockPath(folder));
}

async function hasOpen(pid: number, path: string): Promise<boolean> {
  const descriptors = `/proc/${pid}/fd`;
  try {
    const file = await stat(path);
    for (const fd of await readdir(descriptors)) {
      const open = await stat(join(descriptors, fd)).catch(() => undefined);
      if (open?.ino === file.ino && open.dev === file.dev) return true;
    }
  } catch {
    // Another user's process does not show its files, and is not our daemon.
  }
  return false;
}
