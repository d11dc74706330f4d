import { lstat, readFile, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { unlessUnreachable } from './real-path.ts';

const MAX_POINTER_BYTES = 4096;

/**
 * Where git really keeps the repository of a worktree or submodule, whose `.git` is a file with the line
 * `gitdir: PATH`: that folder and the one it shares with the main checkout, which has the hooks and the settings
 * (gitrepository-layout(5)). Empty when `dotGit` is a folder or points nowhere.
 */
export async function pointedGitFolders(dotGit: string): Promise<string[]> {
  const pointer = await readPointer(dotGit);
  const target = pointer?.match(/^gitdir: (.+)$/m)?.[1];
  if (target === undefined) return [];
  const gitDir = await unlessUnreachable(realpath(resolve(dirname(dotGit), target)));
  if (gitDir === undefined) return [];
  const common = await readPointer(join(gitDir, 'commondir'));
  const commonDir = common && (await unlessUnreachable(realpath(resolve(gitDir, common.trim()))));
  return commonDir ? [gitDir, commonDir] : [gitDir];
}

async function readPointer(path: string): Promise<string | undefined> {
  const found = await unlessUnreachable(lstat(path));
  if (!found?.isFile() || found.size > MAX_POINTER_BYTES) return undefined;
  return unlessUnreachable(readFile(path, 'utf8'));
}
