import path from 'node:path';

/** Where git finds itself, the user and the user's own settings; nothing else of the daemon reaches it. */
const INHERITED = [
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_CONFIG_SYSTEM',
  'HOME',
  'LOGNAME',
  'TMPDIR',
  'USER',
  'XDG_CONFIG_HOME',
];

/**
 * The environment of a git command in a repository that nobody vouches for.
 * @param env the daemon's own
 */
export function gitEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return {
    ...Object.fromEntries(inherited),
    PATH: absoluteFolders(env.PATH ?? ''),
    LC_ALL: 'C',
    // No transport, so that a missing object is not fetched by a program of the repository's choice.
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** A relative folder in PATH would be looked up in the repository. */
function absoluteFolders(searchPath: string): string {
  return searchPath
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .join(path.delimiter);
}
