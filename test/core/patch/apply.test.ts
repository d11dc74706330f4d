import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { applyPatch, type PatchResult } from '../../../src/core/patch/apply.ts';
import { diskOperations } from '../../../src/core/patch/disk-operations.ts';
import { planPatch } from '../../../src/core/patch/plan.ts';
import { modeOf, readTree } from './file-tree.ts';
import { patchOf, update } from './patch-text.ts';
import { fillFolder, workFolder } from './work-folder.ts';

const disk = diskOperations({ umask: 0o022 });
const apply = async (cwd: string, text: string): Promise<PatchResult> =>
  applyPatch(await planPatch(text, cwd), disk);

describe('a patch is applied', () => {
  test('and reports added, modified and deleted files in that order, by the names it used', async () => {
    const cwd = workFolder({ 'a.txt': 'one\n', 'gone.txt': 'x\n', 'old.txt': 'y\n' });
    const text = patchOf(
      '*** Delete File: gone.txt',
      '*** Update File: a.txt',
      '@@',
      '-one',
      '+1',
      '*** Add File: z/deep/new.txt',
      '+n',
      '*** Update File: old.txt',
      '*** Move to: d/../moved.txt',
      '@@',
      '-y',
      '+Y',
      `*** Add File: ${cwd}/b.txt`,
      '+b',
    );
    const summary = `A z/deep/new.txt\nA ${cwd}/b.txt\nM a.txt\nM d/../moved.txt\nD gone.txt\n`;
    expect(await apply(cwd, text)).toEqual({
      success: true,
      stdout: `Success. Updated the following files:\n${summary}`,
      stderr: '',
    });
    expect(readTree(cwd)).toEqual({
      'a.txt': '1\n',
      'b.txt': 'b\n',
      'moved.txt': 'Y\n',
      'z/deep/new.txt': 'n\n',
    });
  });

  test('over files that exist', async () => {
    const cwd = workFolder({ a: 'old\n', b: 'old\n', c: 'one\n' });
    await apply(
      cwd,
      patchOf('*** Add File: a', '+new', '*** Update File: c', '*** Move to: b', '@@', '-one', '+1'),
    );
    expect(readTree(cwd)).toEqual({ a: 'new\n', b: '1\n' });
  });

  test('step by step when it names a file more than once', async () => {
    const cwd = workFolder({ a: 'one\ntwo\n', b: 'x\n' });
    const text = patchOf(
      ...['*** Update File: a', '-one', '+1', '*** Update File: a', '-two', '+2'],
      ...['*** Delete File: b', '*** Add File: b', '+new'],
    );
    expect(await apply(cwd, text)).toMatchObject({ stdout: expect.stringContaining('M a\nM a\nD b\n') });
    expect(readTree(cwd)).toEqual({ a: '1\n2\n', b: 'new\n' });
  });

  test('to itself without losing the file', async () => {
    const cwd = workFolder({ a: 'one\n' });
    expect(await apply(cwd, update('a', '*** Move to: ./a', '@@', '-one', '+1'))).toMatchObject({
      success: true,
    });
    expect(readTree(cwd)).toEqual({ a: '1\n' });
  });
});

describe('links', () => {
  const cases: [what: string, text: string, after: Record<string, string>][] = [
    ['are written through by an update', update('l', '@@', '-one', '+1'), { a: '1\n', l: '-> a' }],
    ['are written through by an add', patchOf('*** Add File: l', '+1'), { a: '1\n', l: '-> a' }],
    [
      'are created at the end of a dangling one',
      patchOf('*** Add File: no', '+1'),
      { a: 'one\n', l: '-> a', 'd/n': '1\n' },
    ],
    ['are deleted themselves', patchOf('*** Delete File: l'), { a: 'one\n' }],
    ['are moved as files', update('l', '*** Move to: m', '@@', '-one', '+1'), { a: 'one\n', m: '1\n' }],
  ];
  test.each(cases)('%s', async (_what, text, after) => {
    const cwd = workFolder({ a: 'one\n' });
    symlinkSync('a', path.join(cwd, 'l'));
    symlinkSync('d/n', path.join(cwd, 'no'));
    expect(await apply(cwd, text)).toMatchObject({ success: true });
    expect(readTree(cwd)).toEqual({ ...after, no: '-> d/n' });
  });

  test('that go in a circle are not replaced', async () => {
    const cwd = workFolder();
    symlinkSync('l2', path.join(cwd, 'l'));
    symlinkSync('l', path.join(cwd, 'l2'));
    expect(await apply(cwd, patchOf('*** Add File: l', '+1'))).toMatchObject({ success: false });
    expect(readTree(cwd)).toEqual({ l: '-> l2', l2: '-> l' });
  });
});

describe('the mode', () => {
  test('of a new file and its directories is the user’s default, whatever the process’s umask', async () => {
    const cwd = workFolder();
    const before = process.umask(0o077);
    try {
      const planned = await planPatch(patchOf('*** Add File: d/e/new', '+1'), cwd);
      await applyPatch(planned, diskOperations({ umask: 0o027 }));
    } finally {
      process.umask(before);
    }
    expect(['d', 'd/e', 'd/e/new'].map((name) => modeOf(path.join(cwd, name)))).toEqual([
      '750',
      '750',
      '640',
    ]);
  });

  test.each(['755', '600', '640'])('%s of an existing file stays', async (mode) => {
    const cwd = workFolder({ a: 'one\n' });
    chmodSync(path.join(cwd, 'a'), Number.parseInt(mode, 8));
    await apply(cwd, update('a', '@@', '-one', '+1'));
    await apply(cwd, patchOf('*** Add File: a', '+2'));
    expect(readTree(cwd)).toEqual({ a: '2\n' });
    expect(modeOf(path.join(cwd, 'a'))).toBe(mode);
  });
});

test('a reader never sees half a file: it is replaced, not rewritten', async () => {
  const cwd = workFolder({ a: 'one\n' });
  const before = statSync(path.join(cwd, 'a')).ino;
  await apply(cwd, update('a', '@@', '-one', '+1'));
  expect(statSync(path.join(cwd, 'a')).ino).not.toBe(before);
  expect(readTree(cwd)).toEqual({ a: '1\n' });
});

/** Applies a patch in a process of an ordinary user, because permissions mean nothing to root. */
async function applyUnprivileged(cwd: string, text: string): Promise<PatchResult> {
  if (process.getuid?.() !== 0) return apply(cwd, text);
  for (const entry of ['.', ...readdirSync(cwd, { recursive: true, encoding: 'utf8' })]) {
    chownSync(path.join(cwd, entry), ORDINARY_USER, ORDINARY_USER);
  }
  const source = (name: string): string =>
    JSON.stringify(new URL(`../../../src/core/patch/${name}.ts`, import.meta.url).href);
  const script = `
    import { applyPatch } from ${source('apply')};
    import { diskOperations } from ${source('disk-operations')};
    import { planPatch } from ${source('plan')};
    const planned = await planPatch(${JSON.stringify(text)}, ${JSON.stringify(cwd)});
    const { success, stdout, stderr } = await applyPatch(planned, diskOperations({ umask: 0o022 }));
    console.log(JSON.stringify({ success, stdout, stderr }));`;
  const options = { uid: ORDINARY_USER, gid: ORDINARY_USER, cwd: '/', encoding: 'utf8' } as const;
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], options));
}

const ORDINARY_USER = 65_534;

describe('permissions', () => {
  test('to write a file are enough when its directory cannot be written', async () => {
    const cwd = workFolder({ 'd/a': 'one\n' });
    chmodSync(path.join(cwd, 'd'), 0o555);
    onTestFinished(() => chmodSync(path.join(cwd, 'd'), 0o755));
    expect(await applyUnprivileged(cwd, update('d/a', '@@', '-one', '+1'))).toMatchObject({ success: true });
    expect(readTree(cwd)).toEqual({ 'd/a': '1\n' });
    expect(await applyUnprivileged(cwd, patchOf('*** Add File: d/b', '+1'))).toMatchObject({
      success: false,
    });
  });

  test('to write its directory are not enough when a file is read-only', async () => {
    const cwd = workFolder({ a: 'one\n' });
    chmodSync(path.join(cwd, 'a'), 0o444);
    const result = await applyUnprivileged(cwd, update('a', '@@', '-one', '+1'));
    expect(result).toMatchObject({ success: false, stderr: 'Failed to write file a\n' });
    expect(readTree(cwd)).toEqual({ a: 'one\n' });
  });
});

test('a file with two names keeps both', async () => {
  const cwd = workFolder({ a: 'one\n' });
  linkSync(path.join(cwd, 'a'), path.join(cwd, 'b'));
  await apply(cwd, update('a', '@@', '-one', '+1'));
  expect(readTree(cwd)).toEqual({ a: '1\n', b: '1\n' });
});

describe('a patch that the file system refuses', () => {
  test.each<[lines: string[], stderr: string]>([
    [['*** Add File: f/under', '+x'], 'Failed to create parent directories for f/under\n'],
    [['*** Add File: f/far/under', '+x'], 'Failed to create parent directories for f/far/under\n'],
    [
      ['*** Update File: a', '*** Move to: f/b', '-one', '+1'],
      'Failed to create parent directories for f/b\n',
    ],
    [['*** Add File: d', '+x'], 'Failed to write file d\n'],
    [['*** Update File: a', '*** Move to: d', '-one', '+1'], 'Failed to write file d\n'],
    [['*** Add File: new/', '+x'], 'Failed to write file new/\n'],
    [['*** Add File: .', '+x'], 'Failed to write file .\n'],
    [['*** Add File: /dev/null', '+x'], 'Failed to write file /dev/null\n'],
  ])('%j stops there and says where', async (lines, stderr) => {
    const files = { a: 'one\n', f: 'x\n', 'd/x': '1\n' };
    const cwd = workFolder(files);
    const text = patchOf('*** Add File: before', '+1', ...lines, '*** Add File: after', '+1');
    const result = await apply(cwd, text);
    expect(result).toMatchObject({ success: false, stdout: '', stderr });
    expect(result.cause).toBeInstanceOf(Error);
    expect(readTree(cwd)).toEqual({ ...files, before: '1\n' });
  });

  test.each([
    ['Failed to delete file a\n', patchOf('*** Delete File: a')],
    ['Failed to remove original a\n', update('a', '*** Move to: b', '@@', ' one')],
  ])('reports %j', async (stderr, text) => {
    const planned = await planPatch(text, workFolder({ a: 'one\n' }));
    const refusing = { ...disk, remove: () => Promise.reject(new Error('EPERM')) };
    expect(await applyPatch(planned, refusing)).toMatchObject({ success: false, stdout: '', stderr });
  });

  test('leaves no temporary file behind', async () => {
    const cwd = workFolder({ 'd/x': '1\n' });
    await apply(cwd, patchOf('*** Add File: d', '+x'));
    expect(readTree(cwd)).toEqual({ 'd/x': '1\n' });
  });
});

describe('a file that changed after the check', () => {
  const text = patchOf('*** Add File: new', '+1', '*** Update File: a', '@@', '-one', '+1');
  const afterwards: [what: string, change: (cwd: string) => void][] = [
    ['has other content', (cwd) => fillFolder(cwd, { a: 'one\nmore\n' })],
    ['is gone', (cwd) => unlinkSync(path.join(cwd, 'a'))],
    ['has come', (cwd) => fillFolder(cwd, { new: 'theirs\n' })],
    [
      'leads elsewhere, to the same content',
      (cwd) => {
        fillFolder(cwd, { other: 'one\n' });
        unlinkSync(path.join(cwd, 'a'));
        symlinkSync('other', path.join(cwd, 'a'));
      },
    ],
    ['is to be made elsewhere', (cwd) => symlinkSync('/nonexistent', path.join(cwd, 'new'))],
  ];
  test.each(afterwards)('and %s keeps the whole patch from being applied', async (_what, change) => {
    const cwd = workFolder({ a: 'one\n' });
    const planned = await planPatch(text, cwd);
    change(cwd);
    const before = readTree(cwd);
    const result = await applyPatch(planned, disk);
    expect(result).toMatchObject({ success: false, stdout: '' });
    expect(result.stderr).toMatch(new RegExp(`^${cwd}/(a|new) was changed after the patch was checked\n$`));
    expect(readTree(cwd)).toEqual(before);
  });

  test('but in nothing else does no harm', async () => {
    const cwd = workFolder({ a: 'one\n' });
    const planned = await planPatch(text, cwd);
    writeFileSync(path.join(cwd, 'a'), 'one\n');
    expect(await applyPatch(planned, disk)).toMatchObject({ success: true });
    expect(readFileSync(path.join(cwd, 'a'), 'utf8')).toBe('1\n');
  });
});
