import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { createGround, filesIn, noScope } from './repository.ts';

const fault = (fault: string) => expect.objectContaining({ name: 'DiffError', fault });

describe('the diff to the remote', () => {
  test('is empty when nothing was done', async () => {
    const work = createGround().pushed();
    expect(await work.diff()).toEqual({ sha: work.git('rev-parse', 'HEAD'), diff: '' });
  });

  test('has what is committed, staged, changed, removed and new, in the form of git', async () => {
    const work = createGround().pushed();
    const sha = work.git('rev-parse', 'HEAD');
    work.commit({ 'committed.txt': 'c\n' });
    work.write('staged.txt', 's\n');
    work.git('add', 'staged.txt');
    work.write('a.txt', 'one\n2\n');
    work.git('rm', '-q', 'dir/b.txt');
    work.write('new.txt', 'n\n');
    const result = await work.diff();
    expect(result.sha).toBe(sha);
    expect(filesIn(result)).toEqual([
      'b/a.txt',
      'b/committed.txt',
      'b/dir/b.txt',
      'b/staged.txt',
      'b/new.txt',
    ]);
    expect(result.diff).toContain('@@ -1,2 +1,2 @@\n one\n-two\n+2\n');
    expect(
      result.diff.endsWith(
        'new file mode 100644\nindex 0000000..8ba3a16\n--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+n\n',
      ),
    ).toBe(true);
  });

  test('can be applied to the commit and gives the files back, binary ones and links included', async () => {
    const ground = createGround();
    const work = ground.pushed();
    work.commit({ 'a.txt': 'changed\n' });
    work.write(
      'binary',
      Uint8Array.from({ length: 300 }, (_, index) => index % 256),
    );
    work.write('run.sh', '#!/bin/sh\n');
    chmodSync(path.join(work.folder, 'run.sh'), 0o755);
    symlinkSync('nowhere', path.join(work.folder, 'link'));
    work.write('empty', '');
    const { sha, diff } = await work.diff();
    const patch = path.join(ground.root, 'patch');
    writeFileSync(patch, diff);
    work.git('add', '-A');
    const tree = work.git('write-tree');
    work.git('read-tree', sha);
    work.git('apply', '--cached', patch);
    expect(work.git('write-tree')).toBe(tree);
  });

  test('has untracked files whatever they are called, and none that are ignored', async () => {
    const work = createGround().pushed();
    const odd = ['#', '$(x)', '*', '-dash', ':(top)x', 'a b', 'back\\slash', 'new\nline', 'tab\t', 'ü'];
    for (const name of odd) work.write(name, 'x\n');
    work.write('.gitignore', '*.log\n');
    work.write('x.log', 'x');
    const result = await work.diff();
    expect([...result.diff.matchAll(/^\+x$/gm)]).toHaveLength(odd.length);
    expect(result.diff).toContain('+++ b/:(top)x');
    expect(result.diff).toContain('+++ "b/new\\nline"');
    expect(result.diff).not.toContain('x.log');
  });

  test('shows text that is not UTF-8 with replacement characters', async () => {
    const work = createGround().pushed();
    work.write('a.txt', Uint8Array.of(0x61, 0xe9, 0x0a));
    expect((await work.diff()).diff).toContain('+a\ufffd\n');
  });

  test('from a folder below names untracked files relative to it, and has only those below', async () => {
    const work = createGround().pushed();
    work.write('a.txt', 'changed\n');
    work.write('dir/deep/new.txt', 'n\n');
    work.write('top.txt', 't\n');
    expect(filesIn(await work.diff({ below: 'dir' }))).toEqual(['b/a.txt', 'b/deep/new.txt']);
  });

  test('leaves repositories in the work tree alone and shows a changed submodule as git does', async () => {
    const ground = createGround();
    const library = ground.repository('library').commit({ 'l.txt': 'l\n' });
    const work = ground.pushed();
    work.git('submodule', '--quiet', 'add', '../library', 'sub');
    work.commit({});
    work.git('push', '-q', 'origin', 'main');
    ground.repository('work/nested').write('inner.txt', 'i\n');
    work.write('sub/l.txt', 'changed\n');
    const { diff } = await work.diff();
    expect(diff).toContain(`-Subproject commit ${library}\n+Subproject commit ${library}-dirty\n`);
    expect(diff).not.toContain('nested');
  });

  test('has no colours, whatever the settings say', async () => {
    const work = createGround().pushed();
    work.git('config', 'color.ui', 'always');
    work.write('a.txt', 'x\n');
    work.write('new.txt', 'n\n');
    expect((await work.diff()).diff).not.toContain('\u001b');
  });

  test('leaves no trace in the repository', async () => {
    const work = createGround().pushed();
    work.write('new.txt', 'n\n');
    const state = () => [work.git('status', '--porcelain'), work.git('count-objects', '-v')];
    const before = state();
    await work.diff();
    expect(state()).toEqual(before);
  });

  test('works for ids of 64 digits', async () => {
    const ground = createGround();
    for (const [folder, ...more] of [['origin.git', '--bare'], ['work']] as const) {
      mkdirSync(path.join(ground.root, folder));
      ground.repository('any').git('init', '-q', '--object-format=sha256', ...more, `../${folder}`);
    }
    const work = ground.repository('work');
    work.commit({ a: 'a\n' });
    work.git('remote', 'add', 'origin', '../origin.git');
    work.git('push', '-q', 'origin', 'main');
    work.write('new', 'n\n');
    const result = await work.diff();
    expect([result.sha.length, filesIn(result)]).toEqual([64, ['b/new']]);
  });
});

describe('there is no diff', () => {
  test('without a repository, a work tree, a commit or a remote', async () => {
    const ground = createGround();
    const work = ground.repository('work');
    await expect(work.diff()).rejects.toEqual(fault('no_remote_commit'));
    work.commit({ a: 'a' });
    await expect(work.diff()).rejects.toEqual(fault('no_remote_commit'));
    work.git('remote', 'add', 'origin', '../origin.git');
    await expect(work.diff()).rejects.toEqual(fault('no_remote_commit'));
    for (const below of ['..', 'missing', 'a', '.git']) {
      await expect(work.diff({ below })).rejects.toEqual(fault('no_repository'));
    }
  });

  test('when git is missing or its settings are broken', async () => {
    const work = createGround().pushed();
    const host = { env: { PATH: '/nowhere' }, processes: noScope };
    await expect(work.diff({ host })).rejects.toEqual(fault('missing'));
    work.write('.git/config', '[[[');
    await expect(work.diff()).rejects.toEqual(fault('no_repository'));
  });

  test('that is larger than its bound, wherever it grows past it', async () => {
    const work = createGround().pushed();
    work.write('a.txt', 'x\n'.repeat(2_000));
    work.write('new.txt', 'x\n'.repeat(2_000));
    for (const maxBytes of [3_000, 10_000]) {
      await expect(work.diff({ maxBytes })).rejects.toEqual(fault('too_large'));
    }
    expect(filesIn(await work.diff({ maxBytes: 13_000 }))).toEqual(['b/a.txt', 'b/new.txt']);
  });

  test('when git takes too long, or the daemon stops', async () => {
    const ground = createGround();
    const work = ground.pushed();
    const bin = path.join(ground.root, 'bin');
    mkdirSync(bin);
    writeFileSync(path.join(bin, 'git'), '#!/bin/sh\nsetsid sleep 4 &\nexec sleep 60\n', { mode: 0o755 });
    const host = { env: { PATH: `${bin}:${process.env.PATH}` }, processes: noScope };
    const before = performance.now();
    await expect(work.diff({ host, timeoutMs: 100 })).rejects.toEqual(fault('timeout'));
    expect(performance.now() - before).toBeLessThan(3_000);
    const closing = new AbortController();
    const pending = work.diff({ host, signal: closing.signal });
    closing.abort(new Error('closing'));
    await expect(pending).rejects.toThrow('closing');
  });
});

describe('the commit to compare with', () => {
  test('is where the current branch is on a remote, origin before the others', async () => {
    const ground = createGround();
    const work = ground.pushed();
    const first = work.git('rev-parse', 'HEAD');
    work.git('init', '-q', '--bare', '../fork.git');
    work.git('remote', 'add', 'a-fork', '../fork.git');
    work.commit({ 'x.txt': 'x\n' });
    work.git('push', '-q', 'a-fork', 'main');
    expect((await work.diff()).sha).toBe(first);
  });

  test('may be ahead of HEAD', async () => {
    const work = createGround().pushed();
    const ahead = work.commit({ 'x.txt': 'x\n' });
    work.git('push', '-q', 'origin', 'main');
    work.git('reset', '-q', '--hard', 'HEAD~1');
    const result = await work.diff();
    expect([result.sha, filesIn(result)]).toEqual([ahead, ['b/x.txt']]);
  });

  test('of a branch of our own is where the default branch is', async () => {
    const work = createGround().pushed();
    const main = work.git('rev-parse', 'HEAD');
    work.git('checkout', '-q', '-b', 'mine');
    work.commit({ 'x.txt': 'x\n' });
    expect((await work.diff()).sha).toBe(main);
    work.git('checkout', '-q', '--detach');
    expect((await work.diff()).sha).toBe(main);
  });

  test('may be on a remote branch that contains HEAD', async () => {
    const work = createGround().pushed();
    work.git('checkout', '-q', '-b', 'theirs');
    const theirs = work.commit({ 'x.txt': 'x\n' });
    work.git('push', '-q', 'origin', 'theirs');
    work.git('checkout', '-q', '-b', 'mine');
    expect((await work.diff()).sha).toBe(theirs);
  });

  test('is found when the default branch has another name, also one with a slash', async () => {
    const ground = createGround();
    for (const name of ['trunk', 'release/1']) {
      const work = ground.repository(name.replace('/', '-'));
      work.git('checkout', '-q', '-b', name);
      const sha = work.commit({ a: 'a\n' });
      work.git('init', '-q', '--bare', '-b', name, `../${name.replace('/', '-')}.git`);
      work.git('remote', 'add', 'origin', `../${name.replace('/', '-')}.git`);
      work.git('push', '-q', 'origin', name);
      work.git('checkout', '-q', '-b', 'mine');
      work.commit({ x: 'x\n' });
      expect((await work.diff()).sha).toBe(sha);
      work.git('remote', 'set-head', 'origin', name);
      expect((await work.diff()).sha).toBe(sha);
    }
  });

  test('is what was last known of a remote that is gone', async () => {
    const ground = createGround();
    const work = ground.pushed();
    const main = work.git('rev-parse', 'HEAD');
    renameSync(path.join(ground.root, 'origin.git'), path.join(ground.root, 'moved.git'));
    work.git('checkout', '-q', '-b', 'mine');
    work.commit({ 'x.txt': 'x\n' });
    expect((await work.diff()).sha).toBe(main);
  });

  test('is the same in a linked work tree', async () => {
    const work = createGround().pushed();
    work.git('worktree', 'add', '-q', '-b', 'linked', '../linked');
    work.write('../linked/new.txt', 'n\n');
    const result = await work.diff({ below: '../linked' });
    expect([result.sha, filesIn(result)]).toEqual([work.git('rev-parse', 'HEAD'), ['b/new.txt']]);
    rmSync(path.join(work.folder, '../linked'), { recursive: true });
  });
});
