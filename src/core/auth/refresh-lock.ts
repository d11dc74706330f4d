import { constants } from 'node:fs';
import path from 'node:path';
import type { FileSystem } from '../files/file-system.ts';
import { lockDescriptor } from '../files/kernel-lock.ts';
import type { Log } from '../log.ts';
import { IssuerError } from './issuer-error.ts';

/** Waits until no other process refreshes the same file. Returns what lets the next one. Throws `IssuerError`. */
export type RefreshLock = () => Promise<() => void>;

/** The holder asks the issuer once and writes one file; longer than that it is stuck. */
const WAIT_SECONDS = 45;

/**
 * A kernel lock on `codexd/auth-refresh.lock` beside the real `auth.json`, so that homes which share the file by a
 * symbolic link share the lock as well (SEC-REF-1).
 */
export function createRefreshLock(realPath: () => Promise<string>, fs: FileSystem, log: Log): RefreshLock {
  let warned = false;
  return async () => {
    const folder = path.join(path.dirname(await realPath()), 'codexd');
    await fs.mkdir(folder, { recursive: true, mode: 0o700 });
    const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
    const fd = fs.openSync(
      path.join(folder, 'auth-refresh.lock'),
      O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK,
      0o600,
    );
    const outcome = await lockDescriptor(fd, WAIT_SECONDS);
    if (outcome === 'locked') return () => fs.closeSync(fd);
    fs.closeSync(fd);
    if (outcome === 'held') throw new IssuerError('another process is refreshing it', { refused: false });
    if (!warned) log.warn({}, 'neither flock nor perl is here: logins are refreshed without a lock');
    warned = true;
    return () => undefined;
  };
}
