import { spawn } from 'node:child_process';

/** `unavailable` when the machine has no program that could take the lock. */
export type LockOutcome = 'locked' | 'held' | 'unavailable';

const HELPER_TIMEOUT_MS = 5_000;
const HELD = 1;

const PERL_FLOCK = `use Fcntl ":flock"; use Errno;
open(my $file, "+<&=", 3) or exit 3;
$SIG{ALRM} = sub { exit ${HELD} };
alarm($ARGV[0]);
exit 0 if flock($file, $ARGV[0] ? LOCK_EX : LOCK_EX | LOCK_NB);
exit($!{EWOULDBLOCK} ? ${HELD} : 3);`;

/** Each locks descriptor 3 and exits 0, or exits {@link HELD} when somebody else still has the lock after the wait. */
const HELPERS: readonly ((waitSeconds: number) => readonly [string, ...string[]])[] = [
  (waitSeconds) => ['flock', '-w', String(waitSeconds), '-x', '3'],
  (waitSeconds) => ['perl', '-e', PERL_FLOCK, String(waitSeconds)],
];

/**
 * Takes the exclusive lock of an open file for this process, waiting for it no longer than `waitSeconds`, a whole number. It is
 * kept until the descriptor is closed or the process ends, however it ends.
 *
 * Node has no flock(2). The lock belongs to the open file description, so a short-lived helper takes it through an
 * inherited descriptor and it stays with ours. The descriptor has to be close-on-exec, as those of Node are: no other
 * child inherits it.
 */
export async function lockDescriptor(fd: number, waitSeconds = 0): Promise<LockOutcome> {
  for (const helper of HELPERS) {
    const outcome = await runHelper(helper(waitSeconds), fd, waitSeconds * 1000 + HELPER_TIMEOUT_MS);
    if (outcome !== 'unavailable') return outcome;
  }
  return 'unavailable';
}

function runHelper(
  [program, ...args]: readonly [string, ...string[]],
  fd: number,
  timeout: number,
): Promise<LockOutcome> {
  return new Promise((resolve) => {
    const stdio = ['ignore', 'ignore', 'ignore', fd] as const;
    const helper = spawn(program, args, { stdio: [...stdio], timeout });
    helper.on('error', () => resolve('unavailable'));
    helper.on('exit', (code) => {
      if (code === 0) resolve('locked');
      else resolve(code === HELD ? 'held' : 'unavailable');
    });
  });
}
