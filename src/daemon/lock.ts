import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { lockDescriptor } from '../core/files/kernel-lock.ts';
import { OperatorError } from './operator-error.ts';
import { acquirePidLock } from './pid-lock.ts';
import { assertPrivate } from './private-path.ts';

export interface InstanceLock {
  /** `pid file` where the machine has no helper for a kernel lock. */
  readonly kind: 'kernel' | 'pid file';
  release(): void;
}

/** Open by the daemon for all its life; its existence alone means nothing. */
export function lockPath(folder: string): string {
  return join(folder, 'daemon.lock');
}

/**
 * Makes this process the only daemon of the folder until it ends, however it ends.
 *
 * @returns `undefined` when another process has the lock
 */
export async function acquireLock(folder: string): Promise<InstanceLock | undefined> {
  const fd = openLockFile(lockPath(folder));
  const outcome = await lockDescriptor(fd);
  if (outcome === 'locked') return { kind: 'kernel', release: () => closeSync(fd) };
  closeSync(fd);
  return outcome === 'held' ? undefined : acquirePidLock(folder);
}

function openLockFile(path: string): number {
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  let fd: number;
  try {
    fd = openSync(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (error) {
    throw new OperatorError(`Cannot open the lock file ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  try {
    assertPrivate(path, fstatSync(fd), 'file');
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
