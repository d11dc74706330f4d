import {
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockDescriptor } from '../../../src/core/files/kernel-lock.ts';
import { lockHolder } from '../../../src/core/files/lock-holder.ts';
import { holdLock, type OtherProgram, otherProgram } from './held-lock.ts';

const INHERITED = join(import.meta.dirname, 'inherited-lock.ts');
const ASK = join(import.meta.dirname, 'ask-holder.ts');

function file(): string {
  const folder = mkdtempSync(join(tmpdir(), 'codexd-holder-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'some.lock');
  writeFileSync(path, '');
  return path;
}

function opened(path: string): number {
  const fd = openSync(path, 'r');
  onTestFinished(() => closeSync(fd));
  return fd;
}

async function inheritor(path: string): Promise<OtherProgram> {
  const holder = otherProgram(process.execPath, [INHERITED, path]);
  expect(await holder.nextLine()).toBe('locked');
  return holder;
}

describe.skipIf(process.platform !== 'linux')('the holder of a lock', () => {
  it('is the process that took it', async () => {
    const path = file();
    const { pid } = await holdLock(path);
    expect(await lockHolder(opened(path))).toEqual({ pid, program: 'perl' });
  });

  it('is told of a shared lock, too', async () => {
    const path = file();
    const { pid } = await holdLock(path, { mode: 'shared' });
    expect(await lockHolder(opened(path))).toEqual({ pid, program: 'perl' });
  });

  it('is the process that goes on with the open file when a helper took the lock and is gone', async () => {
    const path = file();
    const { pid } = await inheritor(path);
    expect(await lockHolder(opened(path))).toEqual({ pid, program: 'node inherited-lock.ts' });
  });

  it('is found by way of another path', async () => {
    const path = file();
    const { pid } = await inheritor(path);
    symlinkSync(path, `${path}.link`);
    expect(await lockHolder(opened(`${path}.link`))).toMatchObject({ pid });
  });

  it('can be this process', async () => {
    const path = file();
    expect(await lockDescriptor(opened(path))).toBe('locked');
    expect(await lockHolder(opened(path))).toMatchObject({ pid: process.pid });
  });

  it('is not one that only has the file open, or has locked a file of the same name', async () => {
    const path = file();
    const other = join(path, '..', 'other');
    mkdirSync(other);
    await inheritor(join(other, 'some.lock'));
    opened(path);
    expect(await lockHolder(opened(path))).toBeUndefined();
  });

  it('is nobody once it was killed', async () => {
    const path = file();
    const holder = await inheritor(path);
    await holder.kill();
    expect(await lockHolder(opened(path))).toBeUndefined();
  });

  it('is believed to be who asked for the lock where its descriptors are hidden', async () => {
    const path = file();
    chmodSync(join(path, '..'), 0o755);
    chmodSync(path, 0o644);
    const { pid } = await holdLock(path, { hidden: true });
    // Nothing is hidden from root.
    const user = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
    const asker = otherProgram(process.execPath, [ASK, path], user);
    expect(JSON.parse(await asker.nextLine())).toEqual({ pid, program: 'perl' });
  });
});
