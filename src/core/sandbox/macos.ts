import type { Rule, Treatment } from './layout.ts';

export const SANDBOX_EXEC = '/usr/bin/sandbox-exec';

export interface Profile {
  readonly rules: readonly Rule[];
  readonly network: boolean;
}

/** System services that name resolution of users, logging and the C library ask; none of them starts programs. */
const SERVICES = [
  'com.apple.system.logger',
  'com.apple.system.notification_center',
  'com.apple.system.opendirectoryd.libinfo',
  'com.apple.system.opendirectoryd.membership',
];

/** What resolves host names and checks certificates. */
const NETWORK_SERVICES = [
  'com.apple.SecurityServer',
  'com.apple.SystemConfiguration.DNSConfiguration',
  'com.apple.SystemConfiguration.configd',
  'com.apple.dnssd.service',
  'com.apple.networkd',
  'com.apple.trustd.agent',
];

const BASE = [
  '(version 1)',
  '(deny default)',
  '(allow process-exec)',
  '(allow process-fork)',
  '(allow process-info* (target same-sandbox))',
  '(allow signal (target same-sandbox))',
  '(allow sysctl-read)',
  '(allow ipc-posix-sem)',
  '(allow pseudo-tty)',
  '(allow file-read*)',
  '(allow file-map-executable)',
  '(allow file-ioctl (literal "/dev/null") (literal "/dev/tty") (regex #"^/dev/ttys[0-9]+$"))',
  '(allow file-write-data (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (regex #"^/dev/ttys[0-9]+$"))',
];

const WRITABLE = '(allow file-write* (subpath %))';
/** Moving or removing the folder itself would let a command put another one in its place. */
const PINNED = '(deny file-write-unlink (literal %))';
const HIDDEN = ['(deny file-read* (subpath %))', '(deny file-write* (subpath %))'];
const UNREACHABLE = '(deny network-outbound (subpath %))';

const LINES: Readonly<Record<Treatment, readonly string[]>> = {
  write: [WRITABLE, PINNED],
  pin: [PINNED],
  read: ['(deny file-write* (subpath %))'],
  'hide-folder': HIDDEN,
  'hide-file': HIDDEN,
};

/**
 * The arguments of `sandbox-exec` for a command. The profile forbids what it does not name; of the lines that fit, the
 * last counts. Paths are parameters, so that no character in them is part of the profile.
 */
export function sandboxExecArguments({ rules, network }: Profile, command: readonly string[]): string[] {
  const parameters = rules.flatMap(({ path }, index) => ['-D', `${parameterName(index)}=${path}`]);
  return ['-p', profileText({ rules, network }), ...parameters, '--', ...command];
}

export function profileText({ rules, network }: Profile): string {
  return [
    ...BASE,
    lookup(SERVICES),
    ...(network ? ['(allow network*)', '(allow system-socket)', lookup(NETWORK_SERVICES)] : []),
    ...rules.flatMap((rule, index) => linesFor(rule, index, network)),
    '',
  ].join('\n');
}

function linesFor({ treatment }: Rule, index: number, network: boolean): string[] {
  const lines = [...LINES[treatment], ...(network && treatment.startsWith('hide') ? [UNREACHABLE] : [])];
  return lines.map((line) => line.replace('%', `(param "${parameterName(index)}")`));
}

function parameterName(index: number): string {
  return `PATH_${index}`;
}

function lookup(services: readonly string[]): string {
  return `(allow mach-lookup ${services.map((name) => `(global-name "${name}")`).join(' ')})`;
}
