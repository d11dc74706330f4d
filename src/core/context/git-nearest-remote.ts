import { askGit, type GitOptions, git } from './git-command.ts';

interface Found {
  readonly sha: string;
  /** Commits of HEAD that the branch does not have. */
  readonly distance: number;
}

/**
 * The commit at which a remote knows that branch which HEAD is the fewest commits away from, as the reference finds it
 * (protocol-v1, section 21; what it leaves open is observed): looked at are the current branch, the default branch of the
 * remotes, and the remote branches that contain HEAD. The remote's commit need not be in HEAD's history.
 * @returns `undefined` when no remote has any of them, or there is no commit yet
 */
export async function nearestRemoteCommit(options: GitOptions): Promise<string | undefined> {
  const remotes = await remoteNames(options);
  let nearest: Found | undefined;
  for await (const branch of candidates(remotes, options)) {
    const found = await findOnRemotes(branch, remotes, options);
    if (found !== undefined && found.distance < (nearest?.distance ?? Infinity)) nearest = found;
    if (nearest?.distance === 0) break;
  }
  return nearest?.sha;
}

/** `origin` first, then in the order of the alphabet. */
async function remoteNames(options: GitOptions): Promise<readonly string[]> {
  const names = (await lines(['remote'], options)).filter((name) => name !== '');
  return names.toSorted((a, b) => Number(b === 'origin') - Number(a === 'origin'));
}

/** Names of branches, each once. */
async function* candidates(remotes: readonly string[], options: GitOptions): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const branch of allCandidates(remotes, options)) {
    if (branch === undefined || seen.has(branch)) continue;
    seen.add(branch);
    yield branch;
  }
}

async function* allCandidates(
  remotes: readonly string[],
  options: GitOptions,
): AsyncGenerator<string | undefined> {
  const current = await askGit(['symbolic-ref', '--quiet', 'HEAD'], options);
  yield withoutPrefix(current, 'refs/heads/');
  yield await defaultBranch(remotes, options);
  for (const remote of remotes) {
    const prefix = `refs/remotes/${remote}/`;
    const containing = await lines(
      ['for-each-ref', '--format=%(refname)', '--contains=HEAD', prefix],
      options,
    );
    yield* containing.map((ref) => withoutPrefix(ref, prefix));
  }
}

/** That of the first remote that is known to have one, or a usual one of our own. */
async function defaultBranch(remotes: readonly string[], options: GitOptions): Promise<string | undefined> {
  for (const remote of remotes) {
    const prefix = `refs/remotes/${remote}/`;
    const head = await askGit(['symbolic-ref', '--quiet', `${prefix}HEAD`], options);
    if (head !== undefined) return withoutPrefix(head, prefix);
    const asked = await askLocalRemote(remote, options);
    if (asked !== undefined) return asked.branch;
  }
  const own = await lines(
    ['for-each-ref', '--format=%(refname)', 'refs/heads/main', 'refs/heads/master'],
    options,
  );
  return withoutPrefix(own[0], 'refs/heads/');
}

/**
 * The default branch of a remote on this machine, `{}` when it has none. `undefined` when it may be any of several, and for
 * every other remote, since showing a diff must not go over the network.
 */
async function askLocalRemote(
  remote: string,
  options: GitOptions,
): Promise<{ readonly branch?: string } | undefined> {
  // The repository could name a program of its own for the other end.
  const args = [
    'ls-remote',
    '--symref',
    '--upload-pack=git-upload-pack',
    '--',
    remote,
    'HEAD',
    'refs/heads/*',
  ];
  const answer = await askGit(args, { ...options, variables: { GIT_ALLOW_PROTOCOL: 'file' } });
  if (answer === undefined) return undefined;
  const [named] = matches(/^ref: refs\/heads\/(.+)\tHEAD$/gm, answer);
  if (named !== undefined) return { branch: named };
  const [detached] = matches(/^([0-9a-f]+)\tHEAD$/gm, answer);
  const [branch, ...others] = matches(new RegExp(`^${detached}\\trefs/heads/(.+)$`, 'gm'), answer);
  if (others.length > 0) return undefined;
  return branch === undefined ? {} : { branch };
}

const matches = (pattern: RegExp, text: string): (string | undefined)[] =>
  [...text.matchAll(pattern)].map((match) => match[1]);

async function findOnRemotes(
  branch: string,
  remotes: readonly string[],
  options: GitOptions,
): Promise<Found | undefined> {
  const own = `refs/heads/${branch}`;
  const theirs = remotes.map((remote) => `refs/remotes/${remote}/${branch}`);
  const commits = await commitsOf([own, ...theirs], options);
  const sha = theirs.map((ref) => commits.get(ref)).find((commit) => commit !== undefined);
  if (sha === undefined) return undefined;
  const from = commits.get(own) ?? sha;
  const count = await askGit(['rev-list', '--count', `${from}..HEAD`, '--'], options);
  return count === undefined ? undefined : { sha, distance: Number(count) };
}

/** Name of each of the refs that exists -> its commit. */
async function commitsOf(refs: readonly string[], options: GitOptions): Promise<ReadonlyMap<string, string>> {
  const found = await lines(['for-each-ref', '--format=%(refname) %(objectname)', ...refs], options);
  return new Map(
    found.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), line.slice(space + 1)];
    }),
  );
}

async function lines(args: readonly string[], options: GitOptions): Promise<readonly string[]> {
  return (await git(args, options)).toString().split('\n').slice(0, -1);
}

function withoutPrefix(ref: string | undefined, prefix: string): string | undefined {
  return ref?.startsWith(prefix) ? ref.slice(prefix.length) : undefined;
}
