import { access, constants, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import { asSpawnError, EmptyCommandError, noSuchProgram, SpawnError } from '../exec/spawn-error.ts';
import type { HostedCommand } from './hosted-command.ts';

/** Where execvp(3) looks without a PATH. */
const DEFAULT_PATH = '/bin:/usr/bin';

/**
 * Makes sure that a command can be started, as a terminal host could not say why not.
 * @throws {SpawnError} when there is no such program, or it may not be run
 */
export async function checkCommand({ command, env }: HostedCommand, cwd: string): Promise<void> {
  const [name] = command;
  if (name === undefined) throw new EmptyCommandError();
  const texts = [...command, ...Object.entries(env).flat()];
  if (texts.some((text) => text.includes('\0'))) {
    throw new SpawnError('EINVAL', 'nul byte found in provided data');
  }
  if (name === '') throw noSuchProgram();
  const folders = name.includes('/') ? [''] : (env.PATH ?? DEFAULT_PATH).split(delimiter);
  await findProgram(folders.map((folder) => resolve(cwd, folder, name)));
}

async function findProgram(candidates: readonly string[]): Promise<void> {
  let refusal: unknown;
  for (const path of candidates) {
    try {
      if (!(await stat(path)).isFile()) continue;
      await access(path, constants.X_OK);
      return;
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EACCES') refusal ??= error;
    }
  }
  throw refusal ? asSpawnError(refusal) : noSuchProgram();
}
