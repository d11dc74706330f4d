import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import type { Place } from './target.ts';

/** The folders of one play, and what writes into them. */
export interface Workplace extends Place {
  readonly root: string;
  /** Writes a file, relative to `cwd`; gives its absolute path. */
  writeFile(path: string, content: string | Uint8Array, mode?: number): Promise<string>;
  /** Text by path of the files below `cwd`, apart from those of git. */
  contents(): Promise<Readonly<Record<string, string>>>;
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
    contents: () => textFiles(cwd),
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

async function textFiles(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.startsWith('.git/'));
  return Object.fromEntries(
    await Promise.all(files.sort().map(async (path) => [path, await readFile(join(folder, path), 'utf8')])),
  );
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
