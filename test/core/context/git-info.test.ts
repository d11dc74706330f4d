import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { collectGitInfo } from '../../../src/core/context/git-info.ts';

let root: string;
let project: string;

const git = (...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=n', '-c', 'user.email=e@example.test', ...args], { cwd: project })
    .toString()
    .trim();

const commit = (message: string): string => git('commit', '-q', '--allow-empty', '-m', message);

beforeEach(() => {
  root = realpathSync(mkdtempSync(path.join(tmpdir(), 'codexd-git-info-')));
  project = path.join(root, 'project');
  mkdirSync(project);
  vi.stubEnv('HOME', root);
  vi.stubEnv('XDG_CONFIG_HOME', undefined);
  git('init', '-q', '-b', 'trunk');
  git('remote', 'add', 'origin', 'https://example.test/r.git');
  commit('first');
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

/** Each is something that changes what git says. */
const CHANGES: Readonly<Record<string, () => void>> = {
  'a commit': () => commit('second'),
  'an amended commit': () => git('commit', '-q', '--amend', '--allow-empty', '-m', 'other'),
  'another branch': () => git('checkout', '-q', '-b', 'side'),
  'no branch': () => git('checkout', '-q', '--detach'),
  'packed references, and a commit after that': () => {
    git('pack-refs', '--all');
    commit('second');
  },
  'an unborn branch': () => git('checkout', '-q', '--orphan', 'new'),
  'another address': () => git('remote', 'set-url', 'origin', 'https://example.test/other.git'),
  'no origin': () => git('remote', 'remove', 'origin'),
  "a setting of the user's that rewrites addresses": () =>
    writeFileSync(
      path.join(root, '.gitconfig'),
      '[url "ssh://git@example.test/"]\n\tinsteadOf = https://example.test/\n',
    ),
};

test.for(Object.entries(CHANGES))('%s is seen at once', async ([, change]) => {
  const before = await collectGitInfo(project);
  expect(before).toEqual({
    commit_hash: git('rev-parse', 'HEAD'),
    branch: 'trunk',
    repository_url: 'https://example.test/r.git',
  });
  change();
  const told = (...args: string[]): string | undefined => {
    try {
      return git(...args);
    } catch {
      return undefined;
    }
  };
  const expected = {
    commit_hash: told('rev-parse', '--verify', '-q', 'HEAD'),
    branch: told('rev-parse', '--verify', '-q', 'HEAD') && told('symbolic-ref', '-q', '--short', 'HEAD'),
    repository_url: told('remote', 'get-url', 'origin'),
  };
  expect(await collectGitInfo(project)).toEqual(JSON.parse(JSON.stringify(expected)));
});

test('a file that the settings include is looked at each time', async () => {
  git('config', 'include.path', path.join(project, 'extra'));
  await collectGitInfo(project);
  writeFileSync(
    path.join(project, 'extra'),
    '[url "ssh://git@example.test/"]\n\tinsteadOf = https://example.test/\n',
  );
  expect(await collectGitInfo(project)).toMatchObject({ repository_url: 'ssh://git@example.test/r.git' });
});

test('a linked work tree has a commit of its own', async () => {
  const linked = path.join(root, 'linked');
  git('worktree', 'add', '-q', '-b', 'side', linked);
  expect(await collectGitInfo(linked)).toMatchObject({ branch: 'side' });
  execFileSync('git', ['checkout', '-q', '-b', 'further'], { cwd: linked });
  expect(await collectGitInfo(linked)).toMatchObject({ branch: 'further' });
});

test('git is not asked again about what has not changed, not even after the references were packed', async () => {
  await collectGitInfo(project);
  git('pack-refs', '--all');
  const known = await collectGitInfo(project);
  vi.stubEnv('PATH', root);
  expect(await collectGitInfo(path.join(project, '.'))).toEqual(known);
  expect(known).toMatchObject({ branch: 'trunk' });
});

test('a repository that is not to be read to the end is left to git', async () => {
  writeFileSync(path.join(project, '.git', 'config'), `${'#'.repeat(100_000)}\n`, { flag: 'a' });
  const known = await collectGitInfo(project);
  expect(known).toMatchObject({ branch: 'trunk' });
  vi.stubEnv('PATH', root);
  expect(await collectGitInfo(project)).toEqual({});
});
