import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPrivateFile, writePrivateFile } from '../../src/daemon/private-file.ts';
import { ensurePrivateFolder } from '../../src/daemon/private-path.ts';
import { temporaryFolder } from './temporary-folder.ts';

const isRoot = process.geteuid?.() === 0;

function fileWith(mode: number): string {
  const path = join(temporaryFolder(), 'secret');
  writeFileSync(path, 'text');
  chmodSync(path, mode);
  return path;
}

describe('SEC-FS-1: a private file', () => {
  test.each([0o600, 0o400, 0o700])('of mode %o is read', async (mode) => {
    expect(await readPrivateFile(fileWith(mode))).toBe('text');
  });

  test.each([0o644, 0o640, 0o602, 0o610])('of mode %o is refused with the chmod line', async (mode) => {
    const path = fileWith(mode);
    await expect(readPrivateFile(path)).rejects.toThrow(
      `${path} has mode 0${mode.toString(8)} and is open to other users. Run: chmod 600 '${path}'`,
    );
  });

  test('behind a symbolic link is refused, dangling or not', async () => {
    const target = fileWith(0o600);
    const folder = temporaryFolder();
    symlinkSync(target, join(folder, 'link'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
    await expect(readPrivateFile(join(folder, 'link'))).rejects.toThrow('is a symbolic link');
    await expect(readPrivateFile(join(folder, 'dangling'))).rejects.toThrow('is a symbolic link');
  });

  test('that is a FIFO or a folder is refused without waiting', async () => {
    const folder = temporaryFolder();
    execFileSync('mkfifo', ['-m', '600', join(folder, 'fifo')]);
    await expect(readPrivateFile(join(folder, 'fifo'))).rejects.toThrow('is a FIFO');
    await expect(readPrivateFile(folder)).rejects.toThrow('is a folder');
  });

  test('with a second hard link is refused', async () => {
    const path = fileWith(0o600);
    linkSync(path, `${path}.again`);
    await expect(readPrivateFile(path)).rejects.toThrow('has 2 hard links');
  });

  test.runIf(isRoot)('of another user is refused', async () => {
    const path = fileWith(0o600);
    chownSync(path, 12_345, 12_345);
    await expect(readPrivateFile(path)).rejects.toThrow('belongs to user 12345');
  });

  test('of more than 64 KiB is refused', async () => {
    const path = fileWith(0o600);
    writeFileSync(path, 'x'.repeat(64 * 1024 + 1));
    await expect(readPrivateFile(path)).rejects.toThrow('larger than 65536 bytes');
  });
});

describe('SEC-FS-3: writing a private file', () => {
  test('replaces what is there, a link included, and leaves nothing else', async () => {
    const target = fileWith(0o600);
    const folder = temporaryFolder();
    symlinkSync(target, join(folder, 'secret'));
    await writePrivateFile(join(folder, 'secret'), 'new');
    expect(await readPrivateFile(join(folder, 'secret'))).toBe('new');
    expect(readFileSync(target, 'utf8')).toBe('text');
    expect(readdirSync(folder)).toEqual(['secret']);
  });

  test('that fails leaves nothing behind', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'taken', 'inside'), { recursive: true });
    await expect(writePrivateFile(join(folder, 'taken'), 'new')).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});

describe('SEC-FS-1: a private folder', () => {
  test('is made with mode 0700 and accepted afterwards', async () => {
    const path = join(temporaryFolder(), 'own');
    await ensurePrivateFolder(path);
    await ensurePrivateFolder(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  test.each([0o755, 0o770, 0o701])('of mode %o is refused', async (mode) => {
    const path = temporaryFolder();
    chmodSync(path, mode);
    await expect(ensurePrivateFolder(path)).rejects.toThrow(`Run: chmod 700 '${path}'`);
  });

  test('that is a link or a file, or has no parent, is refused', async () => {
    const folder = temporaryFolder();
    symlinkSync(temporaryFolder(), join(folder, 'link'));
    writeFileSync(join(folder, 'file'), '');
    await expect(ensurePrivateFolder(join(folder, 'link'))).rejects.toThrow('is a symbolic link');
    await expect(ensurePrivateFolder(join(folder, 'file'))).rejects.toThrow('is a file');
    await expect(ensurePrivateFolder(join(folder, 'no', 'parent'))).rejects.toThrow('Cannot create');
  });
});
