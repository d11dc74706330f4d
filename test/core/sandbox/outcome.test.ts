import { describe, expect, test } from 'vitest';
import { SpawnError } from '../../../src/core/exec/run.ts';
import { outcomeOf, startFailure } from '../../../src/core/sandbox/outcome.ts';
import { SandboxUnavailableError } from '../../../src/core/sandbox/unavailable.ts';

const ENDED = { exitCode: 0, signal: null, timedOut: false, stderr: '' };

describe('the outcome of a command', () => {
  test.each([
    [0, false],
    [1, true],
    [2, true],
    [126, true],
    [127, false],
    [130, true],
  ])('exit code %i in the sandbox: denied is %s', (exitCode, denied) => {
    expect(outcomeOf({ ...ENDED, exitCode }, true)).toEqual({ kind: 'exited', exitCode, denied });
    expect(outcomeOf({ ...ENDED, exitCode }, false)).toEqual({ kind: 'exited', exitCode, denied: false });
  });

  test('signals and timeouts are never denials', () => {
    const killed = { ...ENDED, exitCode: null, signal: 'SIGKILL' } as const;
    expect(outcomeOf(killed, true)).toEqual({ kind: 'signalled', signal: 'SIGKILL' });
    expect(outcomeOf({ ...killed, timedOut: true }, true)).toEqual({ kind: 'timed-out' });
  });
});

describe('a command that was not started', () => {
  test.each([
    ['bwrap: execvp nosuch: No such file or directory', 'ENOENT', 'No such file or directory (os error 2)'],
    ['bwrap: execvp /a: b\nc: Permission denied\n', 'EACCES', 'Permission denied (os error 13)'],
    [
      "bwrap: Can't chdir to /gone: No such file or directory",
      'ENOENT',
      'No such file or directory (os error 2)',
    ],
    [
      "sandbox-exec: execvp() of 'x' failed: No such file or directory",
      'ENOENT',
      'No such file or directory (os error 2)',
    ],
    ['bwrap: execvp x: Datei nicht gefunden', 'UNKNOWN', 'Datei nicht gefunden'],
  ])('is at fault itself: %s', (stderr, code, message) => {
    const error = startFailure(stderr);
    expect(error).toBeInstanceOf(SpawnError);
    expect(error).toMatchObject({ code, message });
  });

  test.each([
    ['bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted', 'AppArmor', 'apparmor_restrict'],
    ['bwrap: setting up uid map: Permission denied', 'user namespace', 'apparmor_restrict'],
    [
      'bwrap: No permissions to create new namespace, likely because the kernel does not allow',
      'user namespace',
      'unprivileged_userns_clone',
    ],
    ['bwrap: Creating new namespace failed: Operation not permitted', 'user namespace', 'seccomp profile'],
    ['bwrap: Creating new namespace failed: No space left on device', 'limit', 'max_user_namespaces'],
    ['bwrap: Creating new namespace failed: Invalid argument', 'kernel', 'CONFIG_USER_NS'],
    ['bwrap: Failed to make / slave: Operation not permitted', 'container', 'systempaths=unconfined'],
    ["bwrap: Can't mount proc on /newroot/proc: Operation not permitted", 'container', '--security-opt'],
    ['bwrap: Unknown option --json-status-fd', 'too old', 'Install'],
    ['bwrap: prctl(PR_SET_SECCOMP): Invalid argument', 'seccomp', 'CONFIG_SECCOMP_FILTER'],
    ['something else', 'failed before', 'danger-full-access'],
    ['', 'It said: nothing.', 'danger-full-access'],
  ])('is kept by the host: %s', (stderr, reason, remedy) => {
    const error = startFailure(stderr);
    expect(error).toBeInstanceOf(SandboxUnavailableError);
    expect(error).toMatchObject({
      code: 'sandbox_unavailable',
      reason: expect.stringContaining(reason),
      remedy: expect.stringContaining(remedy),
      message: expect.stringContaining(stderr),
    });
  });
});
