import { spawn } from 'node:child_process';

/** `unavailable` when the machine has no program that could take the lock. */
export type LockOutcome = 'locked' | 'held' | 'unavailable';

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

/**
 * Takes the exclusive lock of an open file for this process, without waiting. It is kept until the descriptor is closed
 * or the process ends, however it ends.
 *
 * Node has no flock(2). The lock belongs to the open file description, so a short-lived helper takes it through an
 * inherited descriptor and it stays with ours. The descriptor has to be close-on-exec, as those of Node are: no other
 * child inherits it.
 */
export async function lockDescriptor(fd: number): Promise<LockOutcome> {
  for (const [program, args] of HELPERS) {
    const outcome = await runHelper(program, args, fd);
    if (outcome !== 'unavailable') return outcome;
  }
  return 'unavailable';
}

function runHelper(program: string, args: readonly string[], fd: number): Promise<LockOutcome> {
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
