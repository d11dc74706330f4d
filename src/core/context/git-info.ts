import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { GitInfo } from '../../protocol/vocabulary/rollout.ts';
import { gitEnvironment } from './git-environment.ts';
import { settingArguments } from './git-settings.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 5_000;

/** The repository's top folder that holds `cwd`, found by its `.git` entry; `undefined` outside of one. */
export function findGitRoot(cwd: string): string | undefined {
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, '.git'))) return folder;
    if (folder === path.dirname(folder)) return undefined;
  }
}

/**
 * Commit, branch and origin of the repository around `cwd`; members without a value are left out, and before the first
 * commit that is all but the branch's (protocol-v1, section 15). `undefined` outside of a repository.
 */
export async function collectGitInfo(cwd: string): Promise<GitInfo | undefined> {
  if (findGitRoot(cwd) === undefined) return undefined;
  const [head, url] = await Promise.all([
    git(cwd, 'rev-parse', 'HEAD', '--abbrev-ref', 'HEAD'),
    git(cwd, 'remote', 'get-url', 'origin'),
  ]);
  const [commit, branch] = head?.split('\n') ?? [];
  return {
    ...(commit && { commit_hash: commit }),
    ...(branch && branch !== 'HEAD' && { branch }),
    ...(url && { repository_url: url }),
  };
}

/** Output of a git command without its newline, or `undefined` when it fails: each fact is optional. */
async function git(cwd: string, ...args: string[]): Promise<string | undefined> {
  try {
    const env = gitEnvironment(process.env);
    const { stdout } = await run('git', [...settingArguments(), ...args], { cwd, env, timeout: TIMEOUT_MS });
    return stdout.trim();
  } catch {
    return undefined;
  }
}
