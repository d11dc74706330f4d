import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { type DiffToRemote, type DiffWorld, diffToRemote } from '../../../src/core/context/git-diff.ts';

/** A folder for repositories, with a user and settings of its own. */
export interface Ground {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  /** A repository below the root; made unless it is there. */
  repository(name: string): Repository;
  /** The same with one commit on `main`, pushed to the remote `origin`, which is `origin.git` below the root. */
  pushed(name?: string): Repository;
}

export interface Repository {
  readonly folder: string;
  git(...args: string[]): string;
  write(name: string, content: string | Uint8Array): void;
  /** Commits everything, with these files on top. */
  commit(files: Readonly<Record<string, string>>): string;
  /** What the daemon makes of it. */
  diff(world?: Partial<DiffWorld> & { below?: string }): Promise<DiffToRemote>;
}

export function createGround(): Ground {
  const root = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'codexd-git-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const env = { PATH: process.env.PATH ?? '', HOME: root, GIT_CONFIG_NOSYSTEM: '1' };
  writeFileSync(
    path.join(root, '.gitconfig'),
    '[user]\nname = n\nemail = e@example.test\n[init]\ndefaultBranch = main\n[protocol "file"]\nallow = always\n',
  );
  const repository = (name: string) => openRepository(path.join(root, name), env);
  return {
    root,
    env,
    repository,
    pushed(name = 'work') {
      const work = repository(name);
      work.commit({ 'a.txt': 'one\ntwo\n', 'dir/b.txt': 'b\n' });
      execFileSync('git', ['init', '-q', '--bare', 'origin.git'], { cwd: root, env });
      work.git('remote', 'add', 'origin', '../origin.git');
      work.git('push', '-q', 'origin', 'main');
      return work;
    },
  };
}

/** A scope for processes that nobody keeps account of. */
export const noScope: DiffWorld['host']['processes'] = {
  env: {},
  within: () => noScope,
  watch: () => () => undefined,
  isAlive: async () => false,
  endAll: async () => undefined,
};

function openRepository(folder: string, env: Readonly<Record<string, string>>): Repository {
  mkdirSync(folder, { recursive: true });
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: folder, env: { ...env }, encoding: 'utf8', stdio: 'pipe' }).trim();
  const write = (name: string, content: string | Uint8Array): void => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content);
  };
  git('init', '-q');
  return {
    folder,
    git,
    write,
    commit(files) {
      for (const [name, content] of Object.entries(files)) write(name, content);
      git('add', '-A');
      git('commit', '-q', '-m', 'commit');
      return git('rev-parse', 'HEAD');
    },
    diff: ({ below = '', ...world } = {}) =>
      diffToRemote(path.join(folder, below), {
        host: { env, processes: noScope },
        signal: new AbortController().signal,
        ...world,
      }),
  };
}

/** Names of the files in a diff, as its headers give them. */
export function filesIn({ diff }: DiffToRemote): string[] {
  return [...diff.matchAll(/^diff --git (.+)$/gm)].map((match) => (match[1] ?? '').split(' ').at(-1) ?? '');
}
