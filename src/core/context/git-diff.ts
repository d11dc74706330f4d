import { stat } from 'node:fs/promises';
import { askGit, type GitOptions, git } from './git-command.ts';
import { GitError, type GitFault } from './git-error.ts';
import { filterOverrides } from './git-filters.ts';
import { nearestRemoteCommit } from './git-nearest-remote.ts';
import { diffUntracked } from './git-untracked.ts';

export interface DiffToRemote {
  /** The commit of the remote. */
  readonly sha: string;
  /** From that commit to the files as they are now. */
  readonly diff: string;
}

/** `no_repository`: there is no work tree at the folder; `no_remote_commit`: no remote has a branch to compare with. */
export type DiffFault = GitFault | 'no_repository' | 'no_remote_commit';

export class DiffError extends Error {
  override readonly name = 'DiffError';
  readonly fault: DiffFault;

  constructor(fault: DiffFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

export interface DiffWorld extends Pick<GitOptions, 'host' | 'signal'> {
  readonly timeoutMs?: number;
  /** Of the diff. */
  readonly maxBytes?: number;
}

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** Other programs than git have no part in it, and nothing is coloured or shown in other than git's own form. */
const DIFF = ['diff', '--patch', '--no-color', '--no-ext-diff', '--no-textconv', '--submodule=short'];

/**
 * What has changed in the work tree around `cwd` since the commit that a remote knows: committed or not, staged or not, and
 * the untracked files below `cwd` (protocol-v1, section 21). Nothing in the repository is changed, and nothing runs that it
 * names. Throws `DiffError`.
 * @param cwd absolute
 */
export async function diffToRemote(cwd: string, world: DiffWorld): Promise<DiffToRemote> {
  const timeout = AbortSignal.timeout(world.timeoutMs ?? TIMEOUT_MS);
  const options = { cwd, host: world.host, signal: AbortSignal.any([world.signal, timeout]) };
  try {
    return await compare(options, world.maxBytes ?? MAX_BYTES);
  } catch (error) {
    throw error instanceof GitError ? new DiffError(error.fault, error.message, { cause: error }) : error;
  }
}

async function compare(options: GitOptions, maxBytes: number): Promise<DiffToRemote> {
  const top = (await isFolder(options.cwd)) && (await askGit(['rev-parse', '--show-toplevel'], options));
  if (!top) throw new DiffError('no_repository', 'not in the work tree of a git repository');
  const sha = await nearestRemoteCommit(options);
  if (sha === undefined) throw new DiffError('no_remote_commit', 'no remote has a commit to compare with');
  const safe = { ...options, settings: await filterOverrides({ ...options, cwd: top }) };
  const tracked = await git([...DIFF, sha, '--'], safe, maxBytes);
  const untracked = await diffUntracked(sha, DIFF, safe, maxBytes - tracked.length);
  return { sha, diff: tracked.toString() + untracked.toString() };
}

async function isFolder(place: string): Promise<boolean> {
  return stat(place).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
