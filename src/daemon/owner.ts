import { readdir, readlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultCodexHome } from './home.ts';
import { type DaemonInfo, findDaemon } from './info.ts';

const STARTING_LIMIT_MS = 3_000;
const POLL_MS = 50;

/**
 * The daemon that holds the lock of the folder. It writes its `daemon.json` a moment after it took the lock, so this
 * waits for it up to 3 s.
 */
export async function findLockOwner(folder: string): Promise<DaemonInfo | undefined> {
  const limit = Date.now() + STARTING_LIMIT_MS;
  while (true) {
    const presence = await findDaemon(folder);
    if (presence.state === 'running') return presence.info;
    if (Date.now() >= limit) return undefined;
    await delay(POLL_MS);
  }
}

/** The daemon of another home that listens on the port, as far as its `daemon.json` can be found. */
export async function findPortOwner(port: number): Promise<DaemonInfo | undefined> {
  for (const folder of await findDaemonFolders()) {
    const presence = await findDaemon(folder).catch(() => undefined);
    if (presence?.state === 'running' && Number(new URL(presence.info.url).port) === port)
      return presence.info;
  }
  return undefined;
}

/** A daemon keeps its lock file open, which `/proc` shows to its own user. Elsewhere only the default home is known. */
async function findDaemonFolders(): Promise<Set<string>> {
  const folders = new Set([join(defaultCodexHome(), 'codexd')]);
  for (const pid of await listFolder('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    for (const fd of await listFolder(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      if (target.endsWith('/codexd/daemon.lock')) folders.add(dirname(target));
    }
  }
  return folders;
}

async function listFolder(path: string): Promise<string[]> {
  return readdir(path).catch(() => []);
}
