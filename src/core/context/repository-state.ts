import { closeSync, constants, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errorCode } from '../rollout/errors.ts';

/** Larger files are not worth that everybody waits for them. */
const MAX_BYTES = 64 * 1024;

const BRANCH = /^ref: (refs\/[^\n]+)\n$/;
const COMMIT = /^[0-9a-f]{40,64}\n$/;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the commit, the branch and the remotes of a repository depend on, as text that differs as soon as any of it does; read
 * within a fraction of a millisecond, where asking git takes some ten. `undefined` where more has a part in it: linked work
 * trees, other ways to store references than files, and settings that are put together from several files.
 * @param root the folder that has `.git`
 * @param env where git finds the settings of the user
 */
export function repositoryState(root: string, env: Environment): string | undefined {
  const folder = join(root, '.git');
  const commit = commitState(folder);
  const settings = [join(folder, 'config'), join(folder, 'config.worktree'), ...userSettings(env)].map(
    contentOf,
  );
  if (commit === undefined || settings.some((text) => text === undefined || /include/i.test(text)))
    return undefined;
  return JSON.stringify([commit, settings]);
}

function commitState(folder: string): readonly string[] | undefined {
  const head = contentOf(join(folder, 'HEAD'));
  if (head === undefined) return undefined;
  if (COMMIT.test(head)) return [head];
  const [, branch] = BRANCH.exec(head) ?? [];
  if (branch === undefined || branch.split('/').includes('..')) return undefined;
  const commit = contentOf(join(folder, branch));
  const packed = versionOf(join(folder, 'packed-refs'));
  if (commit === undefined || packed === undefined) return undefined;
  // Either file may hold it, and a branch that is in neither is unborn or stored in another way.
  const isKnown = commit === '' ? packed !== '' : COMMIT.test(commit);
  return isKnown ? [head, commit, packed] : undefined;
}

function userSettings(env: Environment): string[] {
  const { HOME = '/', XDG_CONFIG_HOME = join(HOME, '.config'), GIT_CONFIG_GLOBAL, GIT_CONFIG_SYSTEM } = env;
  const own = [join(XDG_CONFIG_HOME, 'git', 'config'), join(HOME, '.gitconfig')];
  return [
    GIT_CONFIG_SYSTEM ?? '/etc/gitconfig',
    ...(GIT_CONFIG_GLOBAL === undefined ? own : [GIT_CONFIG_GLOBAL]),
  ];
}

/** Nothing for a file that is not there; `undefined` for what is no short file that can be read. */
function contentOf(file: string): string | undefined {
  let fd: number | undefined;
  try {
    // A pipe in place of the file must not make us wait.
    fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > MAX_BYTES) return undefined;
    const bytes = Buffer.alloc(stats.size);
    return bytes.toString('latin1', 0, readSync(fd, bytes));
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? '' : undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** For a file that git only ever replaces. Nothing for one that is not there. */
function versionOf(file: string): string | undefined {
  try {
    const { ino, size, mtimeNs } = statSync(file, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? '' : undefined;
  }
}
