import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type FileSystem, realFileSystem } from '../../../src/core/files/file-system.ts';
import { holdLock } from '../files/held-lock.ts';
import { activePath, conversationLines, temporaryDirectory, writeLines } from '../rollout/samples.ts';
import { id, isFree, ours, refused, stored } from './locked-conversation.ts';

describe('REL-MP-3: the lock of the command lines', () => {
  it('is not taken where they do not use it', async () => {
    const here = stored();
    await ours(here).ensure();
    expect(existsSync(join(here.codexHome, 'thread-writer-locks'))).toBe(false);
  });

  it('is taken in a file of the owner alone, and the file stays when it is given back', async () => {
    const here = stored({ commandLines: true });
    const lock = ours(here);
    await lock.ensure();
    expect(await isFree(here.lockPath)).toBe(false);
    expect(statSync(here.lockPath).mode & 0o777).toBe(0o600);
    await lock.release();
    expect(await isFree(here.lockPath)).toBe(true);
  });

  it('is refused while a command line has it, by name, and free within a second after that was killed', async () => {
    const here = stored({ commandLines: true });
    const commandLine = await holdLock(here.lockPath);
    const lock = ours(here);
    await expect(lock.ensure()).rejects.toEqual(refused(`perl (pid ${commandLine.pid})`));
    await commandLine.kill();
    const killedAt = performance.now();
    await lock.ensure();
    expect(performance.now() - killedAt).toBeLessThan(1000);
  });

  it('is taken as soon as the first command line has made the directory', async () => {
    const here = stored();
    const lock = ours(here);
    await lock.ensure();
    mkdirSync(join(here.codexHome, 'thread-writer-locks'));
    await lock.ensure();
    expect(await isFree(here.lockPath)).toBe(false);
  });

  it('is that of the home which the rollout is in', async () => {
    const here = stored({ commandLines: true });
    const elsewhere = temporaryDirectory();
    const link = join(elsewhere, 'conversation.jsonl');
    symlinkSync(here.path, link);
    await ours({ ...here, path: link, codexHome: elsewhere }).ensure();
    expect(await isFree(here.lockPath)).toBe(false);
  });

  it('is that of the daemon for a rollout in no home, or one that is not there yet', async () => {
    const here = stored({ commandLines: true });
    const outside = writeLines(join(temporaryDirectory(), 'copy.jsonl'), conversationLines(id));
    const lock = ours({ ...here, path: outside });
    await lock.ensure();
    expect(await isFree(here.lockPath)).toBe(false);
    await lock.release();
    await ours({ ...here, path: activePath(here.codexHome, '2025-09-11T10-00-00', id) }).ensure();
    expect(await isFree(here.lockPath)).toBe(false);
  });

  it('does not get in its own way when it is asked for many times at once', async () => {
    const here = stored({ commandLines: true });
    const lock = ours(here);
    await Promise.all(Array.from({ length: 10 }, () => lock.ensure()));
    expect(await isFree(here.lockPath)).toBe(false);
  });

  it('starts no program when it is held already', async () => {
    const here = stored({ commandLines: true });
    const unavailable: string[] = [];
    const lock = ours(here, { onUnavailable: (path) => unavailable.push(path) });
    await lock.ensure();
    const { PATH } = process.env;
    onTestFinished(() => {
      process.env.PATH = PATH;
    });
    process.env.PATH = temporaryDirectory();
    await lock.ensure();
    expect(unavailable).toEqual([]);
  });

  it('is taken anew when its file was removed, and refused when somebody else was faster', async () => {
    const here = stored({ commandLines: true });
    const lock = ours(here);
    await lock.ensure();
    unlinkSync(here.lockPath);
    await lock.ensure();
    expect(await isFree(here.lockPath)).toBe(false);
    unlinkSync(here.lockPath);
    const { pid } = await holdLock(here.lockPath);
    await expect(lock.ensure()).rejects.toEqual(refused(`perl (pid ${pid})`));
  });

  it('is that of the file which has the name, when a command line removes its own in that moment', async () => {
    const here = stored({ commandLines: true });
    let endings = 3;
    const open: FileSystem['open'] = async (path, ...rest) => {
      const file = await realFileSystem.open(path, ...rest);
      if (endings-- > 0) unlinkSync(here.lockPath);
      return file;
    };
    await ours(here, { files: { ...realFileSystem, open } }).ensure();
    expect(endings).toBeLessThan(0);
    expect(await isFree(here.lockPath)).toBe(false);
    endings = Number.POSITIVE_INFINITY;
    const lock = ours(here, { files: { ...realFileSystem, open } });
    unlinkSync(here.lockPath);
    await expect(lock.ensure()).rejects.toMatchObject({
      fault: 'io',
      message: `cannot lock ${here.lockPath}: it is removed again and again`,
    });
  });

  it('is not taken through a link or in anything but a file', async () => {
    const here = stored({ commandLines: true });
    const target = join(here.codexHome, 'config.toml');
    symlinkSync(target, here.lockPath);
    await expect(ours(here).ensure()).rejects.toMatchObject({
      fault: 'io',
      message: `cannot lock ${here.lockPath}: Symbolic link loop (os error 40)`,
    });
    expect(existsSync(target)).toBe(false);
    unlinkSync(here.lockPath);
    execFileSync('mkfifo', [here.lockPath]);
    await expect(ours(here).ensure()).rejects.toMatchObject({
      fault: 'not_a_file',
      message: `cannot lock ${here.lockPath}: not a regular file`,
    });
  });

  it('is left alone where a file stands in the place of the directory', async () => {
    const here = stored();
    writeFileSync(join(here.codexHome, 'thread-writer-locks'), '');
    await expect(ours(here).ensure()).resolves.toBeUndefined();
  });
});
