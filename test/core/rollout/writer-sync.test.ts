import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RolloutItem } from '../../../src/protocol/vocabulary/rollout.ts';
import { type CountingFiles, countingFiles, once, switchable } from '../../support/faulty-files.ts';
import { userRecord } from './samples.ts';
import { newWriter, rejection, textsOf } from './writers.ts';

const one = [userRecord('one')];
const two = [userRecord('two')];
const synced = { sync: true };
const urgent = { sync: true, urgent: true };
const isSync = ({ name }: { name: string }): boolean => name === 'handle.datasync';
const syncsOf = ({ operations }: CountingFiles): number => operations.filter(isSync).length;

describe('REL-WR-3: a sync that fails', () => {
  it('is followed by writing everything again through another descriptor, and only then acknowledged', async () => {
    const files = countingFiles({ fail: once('EIO', isSync) });
    const { writer, path } = await newWriter({ files });
    await writer.append(one, synced);
    const [failed = 0, good = 0] = files.operations.filter(isSync).map(({ index }) => index);
    const between = files.operations.slice(failed, good).map(({ name }) => name);
    expect(between).toContain('open');
    expect(between.filter((name) => name === 'handle.write').length).toBe(2);
    expect(textsOf(path)).toEqual(['one']);
  });

  it('loses nothing that the system forgot to write', async () => {
    let path = '';
    const forget = once('EIO', isSync);
    const files = countingFiles({
      fail(operation) {
        const code = forget(operation);
        if (code !== undefined) zeroLastBytes(path, 30);
        return code;
      },
    });
    const made = await newWriter({ files });
    path = made.path;
    await made.writer.append(one);
    const before = readFileSync(path);
    await made.writer.append([], synced);
    expect(readFileSync(path)).toEqual(before);
  });

  it('loses nothing that was written while the last good one ran', async () => {
    const gate = Promise.withResolvers<void>();
    let path = '';
    let syncs = 0;
    const files = countingFiles({
      delay: (operation) => (isSync(operation) ? gate.promise : undefined),
      fail(operation) {
        if (!isSync(operation) || ++syncs !== 2) return undefined;
        zeroLastBytes(path, 30);
        return 'EIO';
      },
    });
    const made = await newWriter({ files, syncDelayMs: 60_000 });
    path = made.path;
    const first = made.writer.append(one, synced);
    await expect.poll(() => syncs).toBe(1);
    await made.writer.append(two);
    const before = readFileSync(path);
    gate.resolve();
    await first;
    await made.writer.append([], synced);
    expect(readFileSync(path)).toEqual(before);
  });

  it('is told to those who wait when it cannot be made good, and made good later', async () => {
    const trouble = switchable(isSync);
    const files = countingFiles(trouble);
    const { writer, path, notices } = await newWriter({ files });
    await writer.append(one, synced);
    trouble.code = 'EIO';
    const error = await rejection(writer.append(two, synced));
    expect(error).toMatchObject({ fault: 'storage_error', code: 'EIO' });
    expect(error.message).toContain(path);
    await expect.poll(() => notices).toHaveLength(1);
    const count = syncsOf(files);
    await expect.poll(() => syncsOf(files)).toBeGreaterThan(count);
    trouble.code = undefined;
    await writer.append([], synced);
    expect(textsOf(path)).toEqual(['one', 'two']);
    expect(notices).toHaveLength(2);
  });

  it('takes back what was written for somebody who is told that it failed', async () => {
    const trouble = switchable(isSync);
    const { writer, path } = await newWriter({ files: countingFiles(trouble) });
    await writer.append(one, synced);
    trouble.code = 'EIO';
    const refused = [rejection(writer.append(two, urgent)), rejection(writer.append(two, urgent))];
    expect((await Promise.all(refused)).map(({ fault }) => fault)).toEqual([
      'storage_error',
      'storage_error',
    ]);
    trouble.code = undefined;
    await writer.append([userRecord('three')], synced);
    expect(textsOf(path)).toEqual(['one', 'three']);
  });

  it('takes back also what waited for the next sync, although that one succeeds', async () => {
    let failures = 2;
    const files = countingFiles({
      fail: (operation) => (isSync(operation) && failures-- > 0 ? 'EIO' : undefined),
    });
    const { writer, path } = await newWriter({ files });
    const refused = [rejection(writer.append(one, urgent)), rejection(writer.append(two, urgent))];
    expect((await Promise.all(refused)).map(({ code }) => code)).toEqual(['EIO', 'EIO']);
    await writer.append([userRecord('three')], synced);
    expect(textsOf(path)).toEqual(['three']);
  });

  it('is made good although the disk was just being tried again for another reason', async () => {
    const [syncGate, roomGate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const failSync = once('EIO', isSync);
    let isFull = false;
    const files = countingFiles({
      fail: (operation) =>
        failSync(operation) ?? (isFull && operation.name === 'writeSync' ? 'ENOSPC' : undefined),
      delay: ({ name }) =>
        name === 'handle.datasync' ? syncGate.promise : name === 'statfs' ? roomGate.promise : undefined,
    });
    const { writer, path } = await newWriter({ files });
    const waiting = writer.append(one, synced);
    isFull = true;
    await rejection(writer.append(two, urgent));
    await expect.poll(() => files.operations.some(({ name }) => name === 'statfs')).toBe(true);
    syncGate.resolve();
    await setImmediate();
    roomGate.resolve();
    await waiting;
    expect(syncsOf(files)).toBe(2);
    expect(textsOf(path)).toEqual(['one']);
  });

  it.each(['handle.close', 'handle.stat', 'open', 'handle.write', 'fstatSync', 'statSync'])(
    'is got over although %s fails on the way',
    async (name) => {
      let isBroken = false;
      const failSync = once('EIO', isSync);
      const failStep = once('EIO', (operation) => isBroken && operation.name === name);
      const files = countingFiles({
        fail(operation) {
          const code = failSync(operation) ?? failStep(operation);
          if (code !== undefined) isBroken = true;
          return code;
        },
      });
      const { writer, path } = await newWriter({ files });
      await writer.append(one, synced).catch(() => undefined);
      await writer.append(two).catch(() => undefined);
      await writer.close();
      expect(textsOf(path)).toEqual(['one', 'two']);
    },
  );

  it('takes the lock for the other descriptor', async () => {
    const files = countingFiles({ fail: once('EIO', isSync) });
    const descriptors: number[] = [];
    const lock = async (fd: number): Promise<void> => void descriptors.push(fd);
    const { writer } = await newWriter({ files, lock });
    await writer.append(one, synced);
    expect(descriptors).toHaveLength(2);
  });
});

describe('a slow sync', () => {
  it('holds up those who wait for it, but no other file and no other record', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = countingFiles({ delay: (operation) => (isSync(operation) ? gate.promise : undefined) });
    const { writer, path } = await newWriter({ files: slow });
    const other = await newWriter();
    let isDone = false;
    const waiting = writer.append(one, synced).then(() => {
      isDone = true;
    });
    await writer.append(two);
    await other.writer.append(one, synced);
    expect(textsOf(path)).toEqual(['one', 'two']);
    expect(isDone).toBe(false);
    gate.resolve();
    await waiting;
  });

  it('lets no more than 16 MiB gather that the disk does not have', async () => {
    const gate = Promise.withResolvers<void>();
    const files = countingFiles({ delay: (operation) => (isSync(operation) ? gate.promise : undefined) });
    const { writer, path } = await newWriter({ files });
    const large: RolloutItem[] = [userRecord('x'.repeat(6 * 1024 * 1024))];
    const appended = Array.from({ length: 4 }, () => writer.append(large));
    expect(textsOf(path)).toHaveLength(3);
    gate.resolve();
    await Promise.all(appended);
    expect(textsOf(path)).toHaveLength(4);
  });
});

describe('REL-WR-2: durability', () => {
  it('strict syncs every append before it is acknowledged', async () => {
    const files = countingFiles();
    const { writer } = await newWriter({ files, durability: 'strict' });
    const before = syncsOf(files);
    await writer.append(one);
    expect(syncsOf(files)).toBe(before + 1);
  });

  it('normal syncs what waits for it at once, and the rest a moment later', async () => {
    const files = countingFiles();
    const { writer } = await newWriter({ files, syncDelayMs: 10 });
    await writer.append(one, synced);
    const before = syncsOf(files);
    await writer.append(two);
    expect(syncsOf(files)).toBe(before);
    await expect.poll(() => syncsOf(files)).toBe(before + 1);
  });

  it('off syncs nothing before the end', async () => {
    const files = countingFiles();
    const { writer } = await newWriter({ files, durability: 'off', syncDelayMs: 0 });
    await writer.append(one, synced);
    await writer.flush();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(syncsOf(files)).toBe(0);
    await writer.close();
    expect(syncsOf(files)).toBe(1);
  });
});

/** What a disk does that lost the pages of a failed sync. */
function zeroLastBytes(path: string, count: number): void {
  const fd = openSync(path, 'r+');
  const size = readFileSync(path).length;
  ftruncateSync(fd, size - count);
  writeSync(fd, Buffer.alloc(count), 0, count, size - count);
  closeSync(fd);
}
