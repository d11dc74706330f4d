import { spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { OperatorError } from './operator-error.ts';
import { acquirePidLock } from './pid-lock.ts';
import { assertPrivate } from './private-path.ts';

export interface InstanceLock {
  /** `pid file` where the machine has no helper for a kernel lock. */
  readonly kind: 'kernel' | 'pid file';
  release(): void;
}

type Outcome = 'locked' | 'held' | 'unavailable';

const HELPER_TIMEOUT_MS = 5_000;
const HELD = 1;

const PERL_FLOCK = `use Fcntl ":flock"; use Errno;
open(my $file, "+<&=", 3) or exit 3;
exit 0 if flock($file, LOCK_EX | LOCK_NB);
exit($!{EWOULDBLOCK} ? ${HELD} : 3);`;

/** Each locks descriptor 3 and exits 0, or exits {@link HELD} when somebody else has the lock. */
const HELPERS: readonly (readonly [string, readonly string[]])[] = [
  ['flock', ['-n', '-x', '3']],
  ['perl', ['-e', PERL_FLOCK]],
];

/** Open by the daemon for all its life; its existence alone means nothing. */
export function lockPath(folder: string): string {
  return join(folder, 'daemon.lock');
}

/**
 * Makes this process the only daemon of the folder until it ends, however it ends.
 *
 * Node has no flock(2). The lock belongs to the open file description, so a short-lived helper takes it through an
 * inherited descriptor and it stays with ours. The descriptor is close-on-exec: no other child inherits it.
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

async function lockDescriptor(fd: number): Promise<Outcome> {
  for (const [program, args] of HELPERS) {
    const outcome = await runHelper(program, args, fd);
    if (outcome !== 'unavailable') return outcome;
  }
  return 'unavailable';
}

function runHelper(program: string, args: readonly string[], fd: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const stdio = ['ignore', 'ignore', 'ignore', fd] as const;
    const helper = spawn(program, args, { stdio: [...stdio], timeout: HELPER_TIMEOUT_MS });
    helper.on('error', () => resolve('unavailable'));
    helper.on('exit', (code) => {
      if (code === 0) resolve('locked');
      else resolve(code === HELD ? 'held' : 'unavailable');
    });
  });
}
