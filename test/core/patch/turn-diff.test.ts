import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyPatch } from '../../../src/core/patch/apply.ts';
import { diskOperations } from '../../../src/core/patch/disk-operations.ts';
import { planPatch } from '../../../src/core/patch/plan.ts';
import { createTurnDiffTracker, type TurnDiffTracker } from '../../../src/core/patch/turn-diff.ts';
import { patchOf, update } from './patch-text.ts';
import { fillFolder, workFolder } from './work-folder.ts';

const ZEROS = '0'.repeat(40);
const ONE = 'd00491fd7e5bb6fa28c517a0bb32b8b506539d4d';
const TWO = '0cfbf08886fca9a91cb753ec8734c84fcbe52c9f';
const X = '587be6b4c3f93f93c489c0111bba5596147a26cb';
const NEW = '3e757656cf36eca53338e520d134963a44f793f8';

const addOne = (name: string) => patchOf(`*** Add File: ${name}`, '+1');
const oneToTwo = (name: string, moveTo?: string) =>
  update(name, ...(moveTo ? [`*** Move to: ${moveTo}`] : []), '@@', '-1', '+2');

async function step(tracker: TurnDiffTracker, cwd: string, text: string): Promise<boolean> {
  const planned = await planPatch(text, cwd);
  await tracker.track(planned.changes);
  return (await applyPatch(planned, diskOperations({ umask: 0o022 }))).success;
}

/** The diff of a turn with these patches; absolute paths are shown as `CWD`. */
async function turnDiff(cwd: string, ...patches: string[]): Promise<string | undefined> {
  const tracker = createTurnDiffTracker();
  for (const text of patches) await step(tracker, cwd, text);
  return (await tracker.diff())?.replaceAll(cwd, 'CWD');
}

describe('the diff of a turn', () => {
  test('shows an update from before the first patch to now', async () => {
    const cwd = workFolder({ 'a.txt': '1\n2\n3\n' });
    const patches = [update('a.txt', '@@', '-1', '+one'), update('a.txt', '@@', '-3', '+three')];
    expect(await turnDiff(cwd, ...patches)).toBe(
      'diff --git a/CWD/a.txt b/CWD/a.txt\n' +
        'index 01e79c32a8c99c557f0757da7cb6d65b3414466d..f04eb265ebd74fba2cddf0a6adf2a6a7f81c87aa\n' +
        '--- a/CWD/a.txt\n+++ b/CWD/a.txt\n@@ -1,3 +1,3 @@\n-1\n+one\n 2\n-3\n+three\n',
    );
  });

  test('shows added and deleted files against /dev/null, sorted by path', async () => {
    const cwd = workFolder({ b: 'x\n' });
    expect(await turnDiff(cwd, patchOf('*** Delete File: b', '*** Add File: a/z', '+1'))).toBe(
      `diff --git a/CWD/a/z b/CWD/a/z\nnew file mode 100644\nindex ${ZEROS}..${ONE}\n` +
        '--- /dev/null\n+++ b/CWD/a/z\n@@ -0,0 +1 @@\n+1\n' +
        `diff --git a/CWD/b b/CWD/b\ndeleted file mode 100644\nindex ${X}..${ZEROS}\n` +
        '--- a/CWD/b\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n',
    );
  });

  test('has no body for an empty file', async () => {
    expect(await turnDiff(workFolder(), patchOf('*** Add File: e'))).toBe(
      `diff --git a/CWD/e b/CWD/e\nnew file mode 100644\nindex ${ZEROS}..e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\n`,
    );
  });

  test('shows a rename by its two names', async () => {
    expect(await turnDiff(workFolder({ a: '1\n' }), oneToTwo('a', 'd/b'))).toBe(
      `diff --git a/CWD/a b/CWD/d/b\nindex ${ONE}..${TWO}\n--- a/CWD/a\n+++ b/CWD/d/b\n@@ -1 +1 @@\n-1\n+2\n`,
    );
  });

  test('follows a file over several renames', async () => {
    const cwd = workFolder({ a: '1\n' });
    const patches = [oneToTwo('a', 'b'), update('b', '*** Move to: c', '@@', '-2', '+x')];
    expect(await turnDiff(cwd, ...patches)).toBe(
      `diff --git a/CWD/a b/CWD/c\nindex ${ONE}..${X}\n--- a/CWD/a\n+++ b/CWD/c\n@@ -1 +1 @@\n-1\n+x\n`,
    );
  });

  test('tells a renamed file from a new one at its old place', async () => {
    const cwd = workFolder({ a: '1\n' });
    expect(await turnDiff(cwd, oneToTwo('a', 'b'), patchOf('*** Add File: a', '+new'))).toBe(
      `diff --git a/CWD/a b/CWD/a\nnew file mode 100644\nindex ${ZEROS}..${NEW}\n` +
        '--- /dev/null\n+++ b/CWD/a\n@@ -0,0 +1 @@\n+new\n' +
        `diff --git a/CWD/a b/CWD/b\nindex ${ONE}..${TWO}\n--- a/CWD/a\n+++ b/CWD/b\n@@ -1 +1 @@\n-1\n+2\n`,
    );
  });

  test('keeps two files apart that have swapped their names', async () => {
    const cwd = workFolder({ a: '1\n', b: 'x\n' });
    const patches = [
      oneToTwo('a', 't'),
      update('b', '*** Move to: a', '@@', '-x', '+y'),
      update('t', '*** Move to: b', '@@', ' 2'),
    ];
    const diff = await turnDiff(cwd, ...patches);
    expect(diff?.match(/^diff .*$/gm)).toEqual(['diff --git a/CWD/b b/CWD/a', 'diff --git a/CWD/a b/CWD/b']);
  });

  test.each<[what: string, patches: string[]]>([
    ['a file was added and deleted', [addOne('n'), patchOf('*** Delete File: n')]],
    ['a change was undone', [oneToTwo('a'), update('a', '@@', '-2', '+1')]],
    ['a file was deleted and added again', [patchOf('*** Delete File: a'), addOne('a')]],
    ['a file was only renamed', [update('a', '*** Move to: b', '@@', ' 1')]],
    ['nothing was patched', []],
  ])('is none when %s', async (_what, patches) => {
    expect(await turnDiff(workFolder({ a: '1\n' }), ...patches)).toBeUndefined();
  });

  test('begins with an empty line when its first file ended as it began', async () => {
    const cwd = workFolder({ b: '1\n' });
    expect(await turnDiff(cwd, addOne('a'), patchOf('*** Delete File: a'), oneToTwo('b'))).toBe(
      `\ndiff --git a/CWD/b b/CWD/b\nindex ${ONE}..${TWO}\n--- a/CWD/b\n+++ b/CWD/b\n@@ -1 +1 @@\n-1\n+2\n`,
    );
  });

  test('shows what a failed patch left behind', async () => {
    const cwd = workFolder({ f: 'x\n' });
    const text = patchOf('*** Add File: a', '+1', '*** Add File: f/b', '+1');
    const tracker = createTurnDiffTracker();
    expect(await step(tracker, cwd, text)).toBe(false);
    expect((await tracker.diff())?.match(/^diff .*$/gm)).toEqual([`diff --git a/${cwd}/a b/${cwd}/a`]);
  });

  test('shows what a command did to a patched file, and no other', async () => {
    const cwd = workFolder({ a: '1\n', other: '1\n' });
    const tracker = createTurnDiffTracker();
    await step(tracker, cwd, oneToTwo('a'));
    fillFolder(cwd, { a: '2\n3\n', other: '2\n' });
    chmodSync(path.join(cwd, 'a'), 0o755);
    const diff = (await tracker.diff())?.replaceAll(cwd, 'CWD');
    expect(diff).toMatch(/^diff --git a\/CWD\/a b\/CWD\/a\nold mode 100644\nnew mode 100755\nindex /);
    expect(diff).toMatch(/@@ -1 \+1,2 @@\n-1\n\+2\n\+3\n$/);
    rmSync(path.join(cwd, 'a'));
    expect(await tracker.diff()).toContain('deleted file mode 100644\n');
  });

  test('shows no content of files that are not text', async () => {
    const cwd = workFolder({ a: new Uint8Array([0xff, 0x0a]) });
    expect(await turnDiff(cwd, patchOf('*** Add File: a', '+x'))).toBe(
      `diff --git a/CWD/a b/CWD/a\nindex 29e181ebb88626236ef10f2af5bc94781c8061f1..${X}\n` +
        '--- a/CWD/a\n+++ b/CWD/a\nBinary files differ\n',
    );
  });

  test('shows a deleted link as git stores it', async () => {
    const cwd = workFolder({ 'a.txt': '1\n' });
    symlinkSync('a.txt', path.join(cwd, 'l'));
    expect(await turnDiff(cwd, patchOf('*** Delete File: l'))).toBe(
      `diff --git a/CWD/l b/CWD/l\ndeleted file mode 120000\nindex 8d14cbf983b3fad683171c9418998d9f68340823..${ZEROS}\n` +
        '--- a/CWD/l\n+++ /dev/null\n@@ -1 +0,0 @@\n-a.txt\n\\ No newline at end of file\n',
    );
  });
});

describe('inside a repository', () => {
  test('paths are relative to its root, and git takes the diff', async () => {
    const cwd = workFolder({ 'sub/a.txt': '1\n', 'b.sh': 'x\n', 'e.txt': 'no newline' });
    chmodSync(path.join(cwd, 'b.sh'), 0o755);
    const git = (args: string[], input = '') =>
      execFileSync('git', ['-C', cwd, ...args], { input, encoding: 'utf8' });
    git(['init', '-q']);
    git(['add', '-A']);
    const diff = await turnDiff(
      path.join(cwd, 'sub'),
      oneToTwo('a.txt'),
      patchOf(
        '*** Delete File: ../b.sh',
        '*** Add File: ../new',
        '+n',
        '*** Update File: ../e.txt',
        '-no newline',
        '+x',
      ),
    );
    expect(diff?.match(/^diff .*$/gm)).toEqual([
      'diff --git a/b.sh b/b.sh',
      'diff --git a/e.txt b/e.txt',
      'diff --git a/new b/new',
      'diff --git a/sub/a.txt b/sub/a.txt',
    ]);
    expect(diff).toContain('deleted file mode 100755\n');
    git(['apply', '--cached', '-'], diff);
    git(['diff', '--exit-code']);
    expect(git(['status', '--porcelain'])).not.toMatch(/^.[^ ]/m);
  });

  test.each(['a folder', 'a file'])('that is marked by .git as %s', async (kind) => {
    const cwd = workFolder({ 'a.txt': '1\n' });
    if (kind === 'a folder') mkdirSync(path.join(cwd, '.git'));
    else fillFolder(cwd, { '.git': 'gitdir: /nowhere\n' });
    expect(await turnDiff(cwd, oneToTwo('a.txt'))).toMatch(/^diff --git a\/a.txt b\/a.txt\n/);
  });
});
