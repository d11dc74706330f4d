import { constants, enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Lets Node keep the compiled code for the next start: beside the code, or, if that is not ours to write, in the
 * user's cache folder. Not in the shared folder for temporary files, where others could plant code. Without a cache
 * the start takes longer, and that is all.
 *
 * @param codeFolder where the programs lie
 */
export function cacheCompiledCode(codeFolder: string): void {
  const { FAILED } = constants.compileCacheStatus;
  if (enableCompileCache(join(codeFolder, '.compile-cache')).status !== FAILED) return;
  const userCache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  enableCompileCache(join(userCache, 'codexd', 'compile-cache'));
}
