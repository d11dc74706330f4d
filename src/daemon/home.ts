import { mkdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { OperatorError, systemErrorCode } from './operator-error.ts';
import { ensurePrivateFolder } from './private-path.ts';

export interface Home {
  /** Absolute. A folder shared with the Codex CLI. */
  readonly codexHome: string;
  /** `$CODEX_HOME/codexd`, the daemon's own. */
  readonly folder: string;
}

/**
 * Where the home is, without creating anything.
 *
 * @throws {OperatorError} when `CODEX_HOME` names no existing folder
 */
export async function locateHome(env: NodeJS.ProcessEnv): Promise<Home> {
  const codexHome = env.CODEX_HOME ? await resolveExplicit(env.CODEX_HOME) : defaultCodexHome();
  return { codexHome, folder: join(codexHome, 'codexd') };
}

/**
 * Makes what is missing (the default home and the daemon's folder, both 0700) and checks who may write there.
 *
 * @throws {OperatorError} when another user could reach into the daemon's folder
 */
export async function openHome(env: NodeJS.ProcessEnv): Promise<Home> {
  if (!env.CODEX_HOME) await mkdir(defaultCodexHome(), { recursive: true, mode: 0o700 });
  const home = await locateHome(env);
  await assertNotWorldWritable(home.codexHome);
  await ensurePrivateFolder(home.folder);
  return home;
}

export function defaultCodexHome(): string {
  return join(homedir(), '.codex');
}

async function resolveExplicit(value: string): Promise<string> {
  try {
    const path = await realpath(value);
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw unusable(value, (error as Error).message, error);
    const remedy = 'Create it, or unset CODEX_HOME to use ~/.codex.';
    throw unusable(value, `there is no such folder. ${remedy}`, error);
  }
  throw unusable(value, 'that is not a folder.');
}

function unusable(value: string, reason: string, cause?: unknown): OperatorError {
  return new OperatorError(`CODEX_HOME is ${JSON.stringify(value)}, but ${reason}`, { cause });
}

/** A sticky bit, as on /tmp, keeps others from replacing what they do not own. */
async function assertNotWorldWritable(path: string): Promise<void> {
  const { mode } = await stat(path);
  if ((mode & 0o002) === 0 || (mode & 0o1000) !== 0) return;
  const found = (mode & 0o7777).toString(8).padStart(4, '0');
  throw new OperatorError(`${path} has mode ${found}: every user can write to it. Run: chmod o-w '${path}'`);
}
