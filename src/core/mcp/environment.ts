const INHERITED = [
  'HOME',
  'LANG',
  'LC_ALL',
  'LOGNAME',
  'PATH',
  'SHELL',
  'TERM',
  'TMPDIR',
  'TZ',
  'USER',
  '__CF_USER_TEXT_ENCODING',
];

/**
 * The whole environment of an MCP server (protocol-v1, section 13).
 * @param own what the configuration gives this server, on top of what is inherited
 * @param env the daemon's own environment
 */
export function serverEnvironment(
  own: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return { ...Object.fromEntries(inherited), ...own };
}
