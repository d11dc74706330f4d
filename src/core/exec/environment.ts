import type { ShellEnvironmentPolicy } from '../config/types.ts';

const CORE = ['HOME', 'LOGNAME', 'PATH', 'SHELL', 'USER', 'USERNAME', 'TMPDIR', 'TEMP', 'TMP'];
const DEFAULT_EXCLUDES = ['*KEY*', '*SECRET*', '*TOKEN*'];

/** Names that belong to the daemon or its supervisor, or that would run foreign code inside a child. */
const NEVER_INHERITED = [
  'CODEXD_*',
  'CREDENTIALS_DIRECTORY',
  'DYLD_*',
  'LD_PRELOAD',
  'LISTEN_FDNAMES',
  'LISTEN_FDS',
  'LISTEN_PID',
  'NODE_OPTIONS',
  'NOTIFY_SOCKET',
  'WATCHDOG_PID',
  'WATCHDOG_USEC',
];

/**
 * The environment that a command gets (protocol-v1, section 19.5; security, SEC-EXEC-1). What the policy sets by name
 * is kept whatever it is called, unless `includeOnly` leaves it out.
 * @param env the daemon's own environment
 */
export function commandEnvironment(
  policy: ShellEnvironmentPolicy,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const excludes = [
    ...NEVER_INHERITED,
    ...(policy.ignoreDefaultExcludes ? [] : DEFAULT_EXCLUDES),
    ...policy.exclude,
  ];
  const isExcluded = matcherOfAny(excludes);
  const inherited = inheritedVariables(policy, env).filter(([name]) => !isExcluded(name));
  const variables = Object.entries({ ...Object.fromEntries(inherited), ...policy.set });
  if (policy.includeOnly.length === 0) return Object.fromEntries(variables);
  const isIncluded = matcherOfAny(policy.includeOnly);
  return Object.fromEntries(variables.filter(([name]) => isIncluded(name)));
}

function inheritedVariables(
  { inherit }: ShellEnvironmentPolicy,
  env: Readonly<Record<string, string | undefined>>,
): [string, string][] {
  if (inherit === 'none') return [];
  const variables = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return inherit === 'core' ? variables.filter(([name]) => CORE.includes(name)) : variables;
}

/** Globs match whole names in any case; `*` and `?` are the only special characters. */
function matcherOfAny(globs: readonly string[]): (name: string) => boolean {
  const sources = globs.map((glob) =>
    glob
      .replace(/[.+^${}()|[\]\\/-]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replaceAll('?', '.'),
  );
  const pattern = new RegExp(`^(?:${sources.join('|')})$`, 'is');
  return (name) => pattern.test(name);
}
