import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Place } from './target.ts';

/** The folders of one play, and what writes into them. */
export interface Workplace extends Place {
  readonly root: string;
  /** Writes a file, relative to `cwd`; gives its absolute path. */
  writeFile(path: string, content: string | Uint8Array, mode?: number): Promise<string>;
  /** Runs git in `cwd`, or in a folder below; gives its output. Commits have the same ids in every play. */
  git(args: readonly string[], folder?: string): string;
  remove(): Promise<void>;
}

export async function createWorkplace(variables: Readonly<Record<string, string>> = {}): Promise<Workplace> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'codexd-interop-')));
  const [home, cwd, userHome] = [join(root, 'home'), join(root, 'work'), join(root, 'user')];
  for (const folder of [home, cwd, userHome]) await mkdir(folder);
  const env = { ...environment(userHome), CODEX_HOME: home, ...variables };
  return {
    root,
    home,
    cwd,
    env,
    async writeFile(path, content, mode) {
      const file = resolve(cwd, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      if (mode !== undefined) await chmod(file, mode);
      return file;
    },
    git: (args, folder = '.') =>
      execFileSync('git', args, {
        cwd: resolve(cwd, folder),
        env: { ...env, ...GIT_IDENTITY },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      }).trim(),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

function environment(userHome: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: userHome,
    USER: 'interop',
    SHELL: '/bin/bash',
    TERM: 'xterm',
    LANG: 'C.UTF-8',
    TZ: 'UTC',
  };
}

const GIT_IDENTITY = {
  GIT_AUTHOR_NAME: 'interop',
  GIT_AUTHOR_EMAIL: 'interop@example.test',
  GIT_AUTHOR_DATE: '2025-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'interop',
  GIT_COMMITTER_EMAIL: 'interop@example.test',
  GIT_COMMITTER_DATE: '2025-01-01T00:00:00Z',
};
