import type { Rule } from './layout.ts';

/** Descriptors of the `bwrap` process beyond its stdio. It passes none of them on. */
export const FILTER_DESCRIPTOR = 3;
export const STATUS_DESCRIPTOR = 4;

export interface Confinement {
  /** Outer paths first; each path is there. */
  readonly rules: readonly Rule[];
  readonly network: boolean;
  /** Absolute. */
  readonly cwd: string;
}

/**
 * The arguments of `bwrap` for a command. The user namespace is asked for by name, as bubblewrap leaves it out for root,
 * and so are empty capability sets, as it lets root keep them. Root may write the settings in /proc/sys and /sys without
 * any capability, and with them run programs outside, so both are mounted read-only.
 */
export function bubblewrapArguments(
  { rules, network, cwd }: Confinement,
  command: readonly string[],
): string[] {
  const [base, inner] = rules[0]?.path === '/' ? [rules[0], rules.slice(1)] : [undefined, rules];
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts'],
    ...(network ? [] : ['--unshare-net']),
    ...['--cap-drop', 'ALL', '--new-session', '--die-with-parent'],
    ...(base ? ['--bind', '/', '/', '--ro-bind', '/sys', '/sys'] : ['--ro-bind', '/', '/']),
    ...['--dev', '/dev', '--remount-ro', '/dev', '--tmpfs', '/dev/shm'],
    ...['--proc', '/proc', '--remount-ro', '/proc'],
    ...inner.flatMap(mountArguments),
    ...['--chdir', cwd],
    ...['--seccomp', String(FILTER_DESCRIPTOR), '--json-status-fd', String(STATUS_DESCRIPTOR)],
    '--',
    ...command,
  ];
}

/** A writable folder is mounted onto itself also where it is writable anyway: nobody can rename a mount point. */
function mountArguments({ path, treatment }: Rule): string[] {
  switch (treatment) {
    case 'write':
    case 'pin':
      return ['--bind', path, path];
    case 'read':
      return ['--ro-bind', path, path];
    case 'hide-folder':
      return ['--tmpfs', path, '--remount-ro', path];
    case 'hide-file':
      return ['--ro-bind', '/dev/null', path];
  }
}
