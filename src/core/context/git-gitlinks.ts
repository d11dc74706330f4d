import { access } from 'node:fs/promises';
import path from 'node:path';
import { type GitOptions, readGit } from './git-command.ts';
import { GitError } from './git-error.ts';

/** Far more than any repository has; each costs two commands. */
const MAX_SUBMODULES = 1_000;
const GITLINK_MODE = '160000 ';

/**
 * Folders of the submodules that are checked out, those of submodules included, absolute. Found in the index, since
 * `.gitmodules` need not name them all. Throws `GitError`.
 * @param options with the top folder of the repository as `cwd`
 */
export async function submoduleFolders(options: GitOptions): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folders = [options.cwd]; ; ) {
    const folder = folders.pop();
    if (folder === undefined) return found;
    const inner = await checkedOutBelow({ ...options, cwd: folder });
    found.push(...inner);
    folders.push(...inner);
    if (found.length > MAX_SUBMODULES)
      throw new GitError('too_large', `more than ${MAX_SUBMODULES} submodules`);
  }
}

async function checkedOutBelow(options: GitOptions): Promise<string[]> {
  const folders = (await gitlinks(options)).map((name) => path.join(options.cwd, name));
  const isThere = await Promise.all(folders.map((folder) => exists(path.join(folder, '.git'))));
  return folders.filter((_, index) => isThere[index]);
}

/** Names relative to the top folder. The index may be huge, so it is never held as a whole. */
async function gitlinks(options: GitOptions): Promise<string[]> {
  const names: string[] = [];
  let rest = '';
  await readGit(['ls-files', '--stage', '-z'], options, (chunk) => {
    const records = (rest + chunk.toString('latin1')).split('\0');
    rest = records.pop() ?? '';
    names.push(...records.filter((record) => record.startsWith(GITLINK_MODE)).map(nameIn));
  });
  return names;
}

const nameIn = (record: string): string =>
  Buffer.from(record.slice(record.indexOf('\t') + 1), 'latin1').toString();

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
