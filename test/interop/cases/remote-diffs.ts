import { chmod, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { InteropCase } from '../harness/interop-case.ts';
import type { Stage } from '../harness/stage.ts';

const diff = (stage: Stage, cwd = stage.cwd) => stage.request('gitDiffToRemote', { cwd });

/** A repository in `cwd` whose branch `main` is on the remote `origin`. */
async function push(stage: Stage): Promise<void> {
  stage.git(['init', '-q', '-b', 'main']);
  await commit(stage, { 'a.txt': 'one\ntwo\nthree\n', 'dir/b.txt': 'b\n' });
  stage.git(['init', '-q', '--bare', '-b', 'main', '../origin.git']);
  stage.git(['remote', 'add', 'origin', '../origin.git']);
  stage.git(['push', '-q', 'origin', 'main']);
}

async function commit(stage: Stage, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) await stage.writeFile(name, content);
  stage.git(['add', '-A']);
  stage.git(['commit', '-q', '-m', 'commit']);
}

function diffCase(name: string, play: (stage: Stage) => Promise<unknown>): InteropCase {
  return { name, compare: ['replies', 'notes'], play: async (stage) => void (await play(stage)) };
}

export const remoteDiffs: readonly InteropCase[] = [
  diffCase('there is no diff without a repository, a commit, a remote or a branch there', async (stage) => {
    await diff(stage);
    await diff(stage, join(stage.cwd, 'missing "\t\u200b\''));
    await diff(stage, '');
    stage.git(['init', '-q', '-b', 'main']);
    await diff(stage);
    await commit(stage, { 'a.txt': 'a\n' });
    await diff(stage);
    stage.git(['remote', 'add', 'origin', '../nowhere.git']);
    await diff(stage);
    await diff(stage, join(stage.cwd, 'a.txt'));
    await diff(stage, join(stage.cwd, '.git'));
  }),
  diffCase('a diff has what was committed, staged, changed, removed and added', async (stage) => {
    await push(stage);
    await diff(stage);
    await commit(stage, { 'committed.txt': 'c\n' });
    await stage.writeFile('staged.txt', 's\n');
    stage.git(['add', 'staged.txt']);
    await stage.writeFile('a.txt', 'one\n2\nthree\n');
    await stage.writeFile('staged.txt', 's\nand more');
    stage.git(['rm', '-q', 'dir/b.txt']);
    await stage.writeFile('new/empty', '');
    await stage.writeFile('new/binary', Uint8Array.of(0, 1, 255));
    await chmod(await stage.writeFile('new/run.sh', '#!/bin/sh\n'), 0o755);
    await symlink('nowhere', join(stage.cwd, 'link'));
    await stage.writeFile('.gitignore', '*.log\n');
    await stage.writeFile('x.log', 'x');
    await stage.writeFile('a b; $(c) -- *', 'odd\n');
    await diff(stage);
    await diff(stage, join(stage.cwd, 'new'));
    stage.git(['mv', 'a.txt', 'moved.txt']);
    await diff(stage);
  }),
  diffCase('branches are compared with where a remote has them', async (stage) => {
    await push(stage);
    stage.git(['checkout', '-q', '-b', 'mine']);
    await commit(stage, { 'mine.txt': 'm\n' });
    await diff(stage);
    stage.git(['push', '-q', 'origin', 'mine']);
    await commit(stage, { 'more.txt': 'm\n' });
    await diff(stage);
    stage.git(['checkout', '-q', '--detach']);
    await diff(stage);
    stage.git(['checkout', '-q', '-b', 'other', 'origin/mine']);
    await diff(stage);
    stage.git(['reset', '-q', '--hard', 'main']);
    await diff(stage);
    stage.git(['checkout', '-q', 'mine']);
    stage.git(['reset', '-q', '--hard', 'main']);
    await diff(stage);
    stage.git(['update-ref', '-d', 'refs/remotes/origin/mine']);
    await diff(stage);
    stage.git(['checkout', '-q', '--orphan', 'nothing']);
    await diff(stage);
  }),
  diffCase('of several remotes origin comes first', async (stage) => {
    await push(stage);
    stage.git(['init', '-q', '--bare', '-b', 'main', '../fork.git']);
    stage.git(['remote', 'add', 'a-fork', '../fork.git']);
    await commit(stage, { 'x.txt': 'x\n' });
    stage.git(['push', '-q', 'a-fork', 'main']);
    await diff(stage);
    stage.git(['remote', 'remove', 'origin']);
    await diff(stage);
    stage.git(['checkout', '-q', '-b', 'mine']);
    await diff(stage);
    await rm(join(stage.cwd, '../fork.git'), { recursive: true });
    await diff(stage);
  }),
  diffCase('the default branch of a remote may have any name', async (stage) => {
    stage.git(['init', '-q', '-b', 'trunk']);
    await commit(stage, { 'a.txt': 'a\n' });
    stage.git(['init', '-q', '--bare', '-b', 'trunk', '../origin.git']);
    stage.git(['remote', 'add', 'origin', '../origin.git']);
    stage.git(['push', '-q', 'origin', 'trunk']);
    stage.git(['checkout', '-q', '-b', 'mine']);
    await commit(stage, { 'mine.txt': 'm\n' });
    await diff(stage);
    stage.git(['remote', 'set-head', 'origin', 'trunk']);
    await diff(stage);
    stage.git(['remote', 'set-head', 'origin', '-d']);
    stage.git(['symbolic-ref', 'HEAD', 'refs/heads/unborn'], '../origin.git');
    await diff(stage);
  }),
  diffCase('submodules, work trees and repositories inside are seen as git sees them', async (stage) => {
    await push(stage);
    stage.git(['init', '-q', '-b', 'main', '../library']);
    await stage.writeFile('../library/l.txt', 'l\n');
    stage.git(['add', '-A'], '../library');
    stage.git(['commit', '-q', '-m', 'l'], '../library');
    stage.git(['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', '../library', 'sub']);
    await diff(stage);
    await commit(stage, {});
    stage.git(['push', '-q', 'origin', 'main']);
    await stage.writeFile('sub/l.txt', 'changed\n');
    stage.git(['init', '-q', 'nested']);
    await stage.writeFile('nested/n.txt', 'n\n');
    await diff(stage);
    stage.git(['worktree', 'add', '-q', '-b', 'linked', '../linked']);
    await stage.writeFile('../linked/new.txt', 'n\n');
    await diff(stage, join(stage.cwd, '../linked'));
  }),
  diffCase('names and texts that git would quote or not decode are in the diff', async (stage) => {
    await push(stage);
    await stage.writeFile('tab\t', 'x\n');
    await diff(stage);
    await rm(join(stage.cwd, 'tab\t'));
    await stage.writeFile('latin', Uint8Array.of(0xe9, 0x0a));
    await diff(stage);
    await rm(join(stage.cwd, 'latin'));
    await stage.writeFile('a.txt', Uint8Array.of(0xe9, 0x0a));
    await diff(stage);
  }),
];
