import { findDaemon } from '../daemon/info.ts';
import { OperatorError } from '../daemon/operator-error.ts';
import { checkToken, keptTokenPath, readToken } from '../daemon/token.ts';

/** Every client command finds the daemon and its credential here, so that no two of them can differ. */

export interface Address {
  /** Without a trailing slash. */
  readonly url: string;
  readonly socket: string | null;
}

export interface Credential {
  readonly token: string;
  /** `null` when `CODEXD_TOKEN` gave the token. */
  readonly tokenPath: string | null;
  /** Whether a daemon runs that takes it; unknown, thus `true`, for one that `CODEXD_URL` names. */
  readonly running: boolean;
}

const REMEDY = 'Start it with: codexd serve (or add --start to this command)';

/** @throws {OperatorError} when no daemon runs and `CODEXD_URL` names none */
export async function resolveAddress(folder: string, env: NodeJS.ProcessEnv): Promise<Address> {
  const url = givenUrl(env);
  if (url !== undefined) return { url, socket: null };
  const presence = await findDaemon(folder);
  if (presence.state === 'running') return { url: presence.info.url, socket: presence.info.socket };
  throw new OperatorError(
    presence.state === 'absent'
      ? `codexd is not running. ${REMEDY}`
      : `codexd is not running: process ${presence.info.pid}, which listened on ${presence.info.url}, is gone. ${REMEDY}`,
  );
}

/** @throws {OperatorError} when there is no token, or its file is open to others */
export async function resolveCredential(folder: string, env: NodeJS.ProcessEnv): Promise<Credential> {
  if (env.CODEXD_TOKEN !== undefined) {
    return { token: checkToken(env.CODEXD_TOKEN, 'CODEXD_TOKEN'), tokenPath: null, running: true };
  }
  const presence = await findDaemon(folder);
  const running = presence.state === 'running';
  const tokenPath = running ? presence.info.tokenPath : keptTokenPath(folder);
  const token = await readToken(tokenPath);
  if (token !== undefined) return { token, tokenPath, running: running || givenUrl(env) !== undefined };
  throw new OperatorError(
    running
      ? `The running codexd names ${tokenPath} as its token's file, but there is no such file.`
      : `There is no token yet; the first start makes one. ${REMEDY}`,
  );
}

/**
 * `CODEXD_URL` without a trailing slash.
 *
 * @throws {OperatorError} when it is no http or https URL
 */
export function givenUrl(env: NodeJS.ProcessEnv): string | undefined {
  if (!env.CODEXD_URL) return undefined;
  const url = URL.parse(env.CODEXD_URL);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new OperatorError(
      'CODEXD_URL must be an http or https URL without a user name, as http://127.0.0.1:4517',
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
