import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { PatchError } from '../../../src/core/patch/errors.ts';
import { planPatch } from '../../../src/core/patch/plan.ts';
import { readTree } from './file-tree.ts';
import { patchOf, update } from './patch-text.ts';
import { workFolder } from './work-folder.ts';

const LINES = 'one\ntwo\nthree\nfour\nfive\n';

describe('the changes of a patch', () => {
  test('are what clients are shown, by absolute path', async () => {
    const cwd = workFolder({ 'a.txt': LINES, 'gone.txt': 'bye\n', 'old.txt': 'x\n' });
    const { changes } = await planPatch(
      patchOf(
        '*** Add File: deep/new.txt',
        '+n',
        `*** Update File: ${cwd}/a.txt`,
        '@@',
        '-two',
        '+TWO',
        '*** Delete File: gone.txt',
        '*** Update File: old.txt',
        '*** Move to: ./moved.txt',
        '@@',
        '-x',
        '+y',
      ),
      cwd,
    );
    expect(changes).toEqual({
      [`${cwd}/deep/new.txt`]: { add: { content: 'n\n' } },
      [`${cwd}/a.txt`]: {
        update: { unified_diff: '@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n', move_path: null },
      },
      [`${cwd}/gone.txt`]: { delete: { content: 'bye\n' } },
      [`${cwd}/old.txt`]: {
        update: { unified_diff: '@@ -1 +1 @@\n-x\n+y\n', move_path: `${cwd}/./moved.txt` },
      },
    });
  });

  test('say add for a file that is overwritten', async () => {
    const cwd = workFolder({ a: LINES });
    const { changes } = await planPatch(patchOf('*** Add File: a', '+new'), cwd);
    expect(changes).toEqual({ [`${cwd}/a`]: { add: { content: 'new\n' } } });
  });

  test('have an empty diff for a mere move', async () => {
    const cwd = workFolder({ a: LINES });
    const { changes } = await planPatch(update('a', '*** Move to: b', '@@', ' one'), cwd);
    expect(changes).toEqual({ [`${cwd}/a`]: { update: { unified_diff: '', move_path: `${cwd}/b` } } });
  });

  test('hide nothing when a file is updated twice', async () => {
    const cwd = workFolder({ a: 'one\ntwo\n' });
    const text = update('a', '@@', '-one', '+1', '*** Update File: a', '@@', '-two', '+2');
    const { changes } = await planPatch(text, cwd);
    expect(changes).toEqual({
      [`${cwd}/a`]: { update: { unified_diff: '@@ -1,2 +1,2 @@\n-one\n-two\n+1\n+2\n', move_path: null } },
    });
  });

  test('hide nothing when a file is moved and then added again', async () => {
    const cwd = workFolder({ a: 'one\n' });
    const text = update('a', '*** Move to: b', '@@', '-one', '+1', '*** Add File: a', '+new');
    const { changes } = await planPatch(text, cwd);
    expect(changes).toEqual({
      [`${cwd}/a`]: { add: { content: 'new\n' } },
      [`${cwd}/b`]: { add: { content: '1\n' } },
    });
  });
});

describe('a patch that does not fit the files', () => {
  const NO_SUCH_FILE = 'No such file or directory (os error 2)';
  const binary = new Uint8Array([0x61, 0xff, 0x0a]);

  test.each<[what: string, lines: string[], message: string]>([
    [
      'updates a missing file',
      ['*** Update File: no', '-a'],
      `Failed to read file to update CWD/no: ${NO_SUCH_FILE}`,
    ],
    ['deletes a missing file', ['*** Delete File: no'], `Failed to read CWD/no: ${NO_SUCH_FILE}`],
    [
      'updates a directory',
      ['*** Update File: d', '-a'],
      'Failed to read file to update CWD/d: Is a directory (os error 21)',
    ],
    ['deletes a directory', ['*** Delete File: d'], 'Failed to read CWD/d: Is a directory (os error 21)'],
    [
      'updates bytes',
      ['*** Update File: bin', '-a'],
      'Failed to read file to update CWD/bin: stream did not contain valid UTF-8',
    ],
    ['deletes bytes', ['*** Delete File: bin'], 'Failed to read CWD/bin: stream did not contain valid UTF-8'],
    [
      'deletes below a file',
      ['*** Delete File: a/x'],
      'Failed to read CWD/a/x: Not a directory (os error 20)',
    ],
    [
      'deletes a link to nowhere',
      ['*** Delete File: dangling'],
      `Failed to read CWD/dangling: ${NO_SUCH_FILE}`,
    ],
    [
      'updates a pipe',
      ['*** Update File: pipe', '-a'],
      'Failed to read file to update CWD/pipe: not a regular file',
    ],
    ['expects other lines', ['*** Update File: a', '-nope'], 'Failed to find expected lines in CWD/a:\nnope'],
    [
      'expects another header',
      ['*** Update File: a', '@@ nope', '-one'],
      "Failed to find context 'nope' in CWD/a",
    ],
    [
      'updates what it adds',
      ['*** Add File: n', '+1', '*** Update File: n', '-1'],
      `Failed to read file to update CWD/n: ${NO_SUCH_FILE}`,
    ],
    [
      'updates what it deleted',
      ['*** Delete File: a', '*** Update File: a', '-one'],
      `Failed to read file to update CWD/a: ${NO_SUCH_FILE}`,
    ],
    [
      'updates what it moved away',
      ['*** Update File: a', '*** Move to: b', '-one', '*** Update File: ./a', '-one'],
      `Failed to read file to update CWD/./a: ${NO_SUCH_FILE}`,
    ],
    [
      'fits neither the files nor itself',
      ['*** Delete File: a', '*** Update File: a', '@@ nope', '-one'],
      "Failed to find context 'nope' in CWD/a",
    ],
    ['deletes twice', ['*** Delete File: a', '*** Delete File: a'], `Failed to read CWD/a: ${NO_SUCH_FILE}`],
    [
      'changes one line twice',
      ['*** Update File: a', '-one', '+1', '*** Update File: a', '-one', '+2'],
      'Failed to find expected lines in CWD/a:\none',
    ],
    [
      'names a file with NUL',
      ['*** Add File: a\0b', '+1'],
      'invalid patch: path "a\\u0000b" contains a NUL byte',
    ],
  ])('%s: it is refused and nothing is touched', async (_what, lines, message) => {
    const cwd = workFolder({ a: LINES, 'd/x': '1\n', bin: binary });
    symlinkSync('nowhere', path.join(cwd, 'dangling'));
    execFileSync('mkfifo', [path.join(cwd, 'pipe')]);
    const before = readTree(cwd);
    const planned = planPatch(patchOf('*** Add File: first', '+1', ...lines), cwd);
    await expect(planned).rejects.toThrow(new PatchError(message.replaceAll('CWD', cwd)));
    expect(readTree(cwd)).toEqual(before);
  });

  test('says which directory is missing', async () => {
    const cwd = path.join(workFolder(), 'nope');
    const planned = planPatch(patchOf('*** Add File: a', '+1'), cwd);
    await expect(planned).rejects.toThrow(new PatchError(`Failed to enter ${cwd}: ${NO_SUCH_FILE}`));
  });
});

test('an empty patch is planned as no operation', async () => {
  expect(await planPatch(patchOf(), workFolder())).toEqual({ operations: [], changes: {}, snapshots: [] });
});

test('a move of a file to itself is an update', async () => {
  const cwd = workFolder({ 'd/a': 'one\n' });
  mkdirSync(path.join(cwd, 'e'));
  const { operations } = await planPatch(update('d/a', '*** Move to: e/../d/./a', '@@', '-one', '+1'), cwd);
  expect(operations).toMatchObject([{ type: 'update', moveTo: undefined, content: '1\n' }]);
});
