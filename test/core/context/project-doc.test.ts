import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { collectGitInfo } from '../../../src/core/context/git-info.ts';
import { userInstructions } from '../../../src/core/context/project-doc.ts';

let home = '';
let project = '';

beforeEach(() => {
  const root = mkdtempSync(path.join(os.tmpdir(), 'codexd-context-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  home = path.join(root, 'home');
  project = path.join(root, 'project');
  for (const folder of [home, path.join(project, 'a/b')]) mkdirSync(folder, { recursive: true });
});

const agents = (folder: string, text: string): void => writeFileSync(path.join(folder, 'AGENTS.md'), text);
const git = (...args: string[]): string =>
  execFileSync('git', ['-C', project, '-c', 'user.name=n', '-c', 'user.email=e@x', ...args], {
    encoding: 'utf8',
    stdio: 'pipe',
  }).trim();

describe('the standing instructions', () => {
  test('are those of the home, then those of the repository from its top down', async () => {
    git('init', '-q');
    agents(home, '\n  home  \n');
    agents(project, 'top\n');
    agents(path.join(project, 'a'), ' \n');
    agents(path.join(project, 'a/b'), 'deep\n');
    expect(await userInstructions(home, path.join(project, 'a/b'), 1_000)).toBe(
      'home\n\n--- project-doc ---\n\ntop\n\n\ndeep\n',
    );
  });

  test('outside of a repository are those of the working directory alone', async () => {
    agents(project, 'top');
    agents(path.join(project, 'a'), 'here');
    expect(await userInstructions(home, path.join(project, 'a'), 1_000)).toBe('here');
  });

  test('are cut at the limit, which counts all project files together', async () => {
    git('init', '-q');
    agents(project, '12345');
    agents(path.join(project, 'a'), '67890');
    expect(await userInstructions(home, path.join(project, 'a'), 7)).toBe('12345\n\n67');
    agents(home, 'home');
    expect(await userInstructions(home, path.join(project, 'a'), 0)).toBe('home');
  });

  test('are none where there is no file', async () => {
    expect(await userInstructions(home, project, 1_000)).toBeUndefined();
  });
});

describe('git info', () => {
  test('is absent outside of a repository', async () => {
    expect(await collectGitInfo(project)).toBeUndefined();
  });

  test('is empty before the first commit', async () => {
    git('init', '-q');
    expect(await collectGitInfo(project)).toEqual({});
  });

  test('has commit, branch and origin, also from a subfolder', async () => {
    git('init', '-q', '-b', 'trunk');
    git('commit', '-q', '--allow-empty', '-m', 'm');
    git('remote', 'add', 'origin', 'https://example.test/r.git');
    const info = { commit_hash: git('rev-parse', 'HEAD'), branch: 'trunk' };
    expect(await collectGitInfo(path.join(project, 'a'))).toEqual({
      ...info,
      repository_url: 'https://example.test/r.git',
    });
  });
});
