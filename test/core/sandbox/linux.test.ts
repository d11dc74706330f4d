import { expect, test } from 'vitest';
import { bubblewrapArguments } from '../../../src/core/sandbox/linux.ts';

const NAMESPACES = ['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts'];
const PRIVILEGES = ['--cap-drop', 'ALL', '--new-session', '--die-with-parent'];
const DEVICES = ['--dev', '/dev', '--remount-ro', '/dev', '--tmpfs', '/dev/shm'];
const PROCESSES = ['--proc', '/proc', '--remount-ro', '/proc'];
const DESCRIPTORS = ['--seccomp', '3', '--json-status-fd', '4'];

test('without rules, everything is mounted read-only and the network is a new one', () => {
  const confinement = { rules: [], network: false, cwd: '/work dir' };
  expect(bubblewrapArguments(confinement, ['echo', '--ro-bind'])).toEqual([
    ...NAMESPACES,
    '--unshare-net',
    ...PRIVILEGES,
    ...['--ro-bind', '/', '/'],
    ...DEVICES,
    ...PROCESSES,
    ...['--chdir', '/work dir'],
    ...DESCRIPTORS,
    ...['--', 'echo', '--ro-bind'],
  ]);
});

test('with network, the network of the host stays', () => {
  expect(bubblewrapArguments({ rules: [], network: true, cwd: '/' }, ['true'])).not.toContain(
    '--unshare-net',
  );
});

test.each([
  ['write', ['--bind', '/p', '/p']],
  ['pin', ['--bind', '/p', '/p']],
  ['read', ['--ro-bind', '/p', '/p']],
  ['hide-folder', ['--tmpfs', '/p', '--remount-ro', '/p']],
  ['hide-file', ['--ro-bind', '/dev/null', '/p']],
] as const)('a path to %s becomes a mount', (treatment, mount) => {
  const args = bubblewrapArguments({ rules: [{ path: '/p', treatment }], network: true, cwd: '/' }, ['true']);
  const from = args.lastIndexOf('/proc') + 1;
  expect(args.slice(from, args.indexOf('--chdir'))).toEqual(mount);
});

test('a writable file system is mounted first, and without what belongs to the kernel', () => {
  const rules = [{ path: '/', treatment: 'write' }] as const;
  const text = bubblewrapArguments({ rules, network: true, cwd: '/' }, ['true']).join(' ');
  expect(text).toContain('--bind / / --ro-bind /sys /sys --dev /dev');
  expect(text.match(/bind \/ \//g)).toHaveLength(1);
});
