import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { defaultCodexHome } from '../../daemon/home.ts';
import { OperatorError } from '../../daemon/operator-error.ts';

/** What a service manager is to run, and how. Strings are plain; each manager's file escapes them. */
export interface ServiceDefinition {
  readonly name: string;
  /** Absolute path of a program, then its arguments. */
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingDirectory: string;
  /** From the request to stop to the end by force. */
  readonly stopSeconds: number;
  /** Where the output goes, if the manager keeps none. */
  readonly logPath: string;
}

/** What a daemon needs of the environment that it would have been started in. Credentials are not among it. */
const CAPTURED = [
  ...['PATH', 'CODEX_HOME', 'CODEXD_LOG', 'CODEXD_AUTH_ISSUER', 'LANG', 'LC_ALL', 'SHELL'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'NODE_USE_ENV_PROXY'],
];

/** The signals' deadline, what the daemon allows beyond it, and a margin. */
const BEYOND_DRAIN_SECONDS = 15;

/** @returns `codexd`; for another home than the default one with a hash, so that each home can have a service */
export function serviceName(codexHome: string): string {
  if (codexHome === defaultCodexHome()) return 'codexd';
  return `codexd-${createHash('sha256').update(codexHome).digest('hex').slice(0, 8)}`;
}

/**
 * Variables of this environment that the service gets.
 *
 * @param names further ones
 * @throws {OperatorError} for a further one that is not set
 */
export function captureEnvironment(
  env: NodeJS.ProcessEnv,
  codexHome: string,
  names: readonly string[],
): Record<string, string> {
  const missing = names.find((name) => env[name] === undefined);
  if (missing !== undefined) throw new OperatorError(`--env ${missing}: the variable is not set.`);
  const resolved: NodeJS.ProcessEnv = { ...env, ...(env.CODEX_HOME && { CODEX_HOME: codexHome }) };
  const taken = [...CAPTURED, ...names].map((name): [string, string] => [name, resolved[name] ?? '']);
  return Object.fromEntries(taken.filter(([, value]) => value !== ''));
}

/**
 * This very program, by absolute paths.
 *
 * @throws {OperatorError} when it lies where it will not stay, or where no service manager finds it
 */
export function programCommand(
  execPath: string,
  script: string,
  args: readonly string[],
): [string, ...string[]] {
  const path = resolve(script);
  if (/[/\\]_npx[/\\]/.test(path)) {
    throw new OperatorError(
      `${path} is in the cache of npx, which is cleared now and then. Install codexd first: npm install -g codexd`,
    );
  }
  if (/["'\\]/.test(execPath)) {
    throw new OperatorError(`${execPath}: systemd takes no program with quotes or backslashes in its path.`);
  }
  return [execPath, path, 'serve', ...args];
}

export function stopSecondsOf(drainMs: number): number {
  return Math.ceil(drainMs / 1000) + BEYOND_DRAIN_SECONDS;
}
