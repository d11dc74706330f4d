import { type ExecFileOptions, execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { GitInfo } from '../../protocol/vocabulary/rollout.ts';
import { gitEnvironment } from './git-environment.ts';
import { settingArguments } from './git-settings.ts';
import { repositoryState } from './repository-state.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;

/** The repository's top folder that holds `cwd`, found by its `.git` entry; `undefined` outside of one. */
export function findGitRoot(cwd: string): string | undefined {
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, '.git'))) return folder;
    if (folder === path.dirname(folder)) return undefined;
  }
}

interface Answer {
  readonly state: string;
  readonly info: GitInfo;
  /** `performance.now()` */
  readonly askedAt: number;
}

/** By the repository's top folder, the one that was asked about last at the end. */
const answers = new Map<string, Answer>();
const MAX_ANSWERS = 100;
/** For what the state does not show: a new tag with the name of the branch, settings in an unusual place. */
const MAX_AGE_MS = 10 * 60_000;

/**
 * Commit, branch and origin of the repository around `cwd`; members without a value are left out, and before the first
 * commit that is all but the branch's (protocol-v1, section 15). `undefined` outside of a repository. What git said is
 * remembered for as long as nothing has changed in what it said that about.
 */
export async function collectGitInfo(cwd: string): Promise<GitInfo | undefined> {
  const root = findGitRoot(cwd);
  if (root === undefined) return undefined;
  const env = gitEnvironment(process.env);
  const askedAt = performance.now();
  // Looked at first: a change while git answers makes its answer one about an earlier state.
  const state = repositoryState(root, env);
  const known = answers.get(root);
  answers.delete(root);
  if (known && known.state === state && askedAt - known.askedAt < MAX_AGE_MS) {
    answers.set(root, known);
    return known.info;
  }
  const info = await askGit(cwd, env);
  if (state !== undefined && info.commit_hash !== undefined) remember(root, { state, info, askedAt });
  return info;
}

function remember(root: string, answer: Answer): void {
  answers.set(root, answer);
  const [oldest] = answers.keys();
  if (answers.size > MAX_ANSWERS && oldest !== undefined) answers.delete(oldest);
}

async function askGit(cwd: string, env: NodeJS.ProcessEnv): Promise<GitInfo> {
  const git = (...args: string[]) => outputOf(args, { cwd, env, timeout: TIMEOUT_MS });
  const [head, url] = await Promise.all([
    git('rev-parse', 'HEAD', '--abbrev-ref', 'HEAD'),
    git('remote', 'get-url', 'origin'),
  ]);
  const [commit, branch] = head?.split('\n') ?? [];
  return {
    ...(commit && { commit_hash: commit }),
    ...(branch && branch !== 'HEAD' && { branch }),
    ...(url && { repository_url: url }),
  };
}

/** Output of a git command without its newline, or `undefined` when it fails: each fact is optional. */
async function outputOf(args: readonly string[], options: ExecFileOptions): Promise<string | undefined> {
  try {
    const { stdout } = await run('git', [...settingArguments(), ...args], { ...options, encoding: 'utf8' });
    return stdout.trim();
  } catch {
    return undefined;
  }
}
