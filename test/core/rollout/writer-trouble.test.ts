import { execFile } from 'node:child_process';
import { appendFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readRollout } from '../../../src/core/rollout/reader.ts';
import { countingFiles, once, switchable } from '../../support/faulty-files.ts';
import { item, temporaryDirectory, userRecord, userText } from './samples.ts';
import { newWriter, rejection, textsOf } from './writers.ts';

const one = [userRecord('one')];
const two = [userRecord('two')];
const three = [userRecord('three')];
const urgent = { urgent: true, sync: true };

/** A writer whose disk refuses writes, with the code that the test sets. */
async function onBadDisk(options: { patienceMs?: number } = {}) {
  const trouble = switchable(({ name }) => name === 'writeSync' || name === 'handle.write');
  const files = countingFiles(trouble);
  return { ...(await newWriter({ files, ...options })), trouble, files };
}

describe('a disk that takes records in pieces', () => {
  it('REL-WR-1: gets all of them whole', async () => {
    const { writer, path } = await newWriter({ files: countingFiles({ shorten: () => 3 }) });
    await writer.append([userRecord('ünïcödé 😀')]);
    expect(textsOf(path)).toEqual(['ünïcödé 😀']);
  });

  it('REL-WR-4: keeps no piece of what it did not take whole', async () => {
    let writes = 0;
    const isSecondWrite = ({ name }: { name: string }): boolean => name === 'writeSync' && ++writes === 5;
    const files = countingFiles({ shorten: () => 100, fail: once('ENOSPC', isSecondWrite) });
    const { writer, path } = await newWriter({ files });
    const before = statSync(path).size;
    await rejection(writer.append(one, urgent));
    expect(statSync(path).size).toBe(before);
    await writer.append(two);
    expect(textsOf(path)).toEqual(['two']);
  });
});

describe('records of a turn', () => {
  it.each(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EACCES', 'EMFILE', 'EINTR'])(
    'are written in order after %s, as if nothing had been',
    async (code) => {
      const { writer, path, trouble, notices } = await onBadDisk();
      trouble.code = code;
      const appended = [writer.append(one), writer.append(two), writer.append([], { sync: true })];
      await expect.poll(() => notices).toHaveLength(1);
      expect(notices[0]).toContain(`cannot append to ${path}`);
      trouble.code = undefined;
      await Promise.all([...appended, writer.append(three)]);
      expect(textsOf(path)).toEqual(['one', 'two', 'three']);
      await expect.poll(() => notices).toHaveLength(2);
    },
  );

  it('wait as long as patience lasts, and are written although their caller gave up', async () => {
    const { writer, path, trouble } = await onBadDisk({ patienceMs: 20 });
    trouble.code = 'ENOSPC';
    const error = await rejection(writer.append(one));
    expect(error).toMatchObject({ fault: 'storage_full', code: 'ENOSPC' });
    expect(error.message).toBe(`cannot append to ${path}: No space left on device (os error 28)`);
    trouble.code = undefined;
    await expect.poll(() => textsOf(path)).toEqual(['one']);
    await writer.append(two);
    expect(textsOf(path)).toEqual(['one', 'two']);
  });

  it('are refused when 16 MiB wait already', async () => {
    const { writer, path, trouble } = await onBadDisk();
    trouble.code = 'EDQUOT';
    const large = [userRecord('x'.repeat(6 * 1024 * 1024))];
    const kept = [writer.append(large), writer.append(large)];
    expect(await rejection(writer.append(large))).toMatchObject({ fault: 'storage_full' });
    trouble.code = undefined;
    await Promise.all(kept);
    expect(textsOf(path)).toHaveLength(2);
  });

  it('are tried through another descriptor when this one may be bad', async () => {
    const files = countingFiles({
      fail: once('EIO', ({ name, index }) => name === 'writeSync' && index > 5),
    });
    const { writer, path } = await newWriter({ files });
    await writer.append(one);
    const opened = files.operations.filter(({ name }) => name === 'open').map((operation) => operation.path);
    expect(opened.filter((name) => name === path).length).toBeGreaterThan(1);
    expect(textsOf(path)).toEqual(['one']);
  });
});

describe('what somebody waits for', () => {
  it.each([
    ['ENOSPC', 'storage_full'],
    ['EFBIG', 'storage_full'],
    ['EROFS', 'storage_unwritable'],
    ['EPERM', 'storage_unwritable'],
    ['EIO', 'storage_error'],
  ])('is refused at once on %s as %s, and never written', async (code, fault) => {
    const { writer, path, trouble } = await onBadDisk();
    trouble.code = code;
    expect(await rejection(writer.append(one, urgent))).toMatchObject({ fault, code });
    const kept = writer.append(two);
    expect(await rejection(writer.append(three, urgent))).toMatchObject({ fault, code });
    trouble.code = undefined;
    await kept;
    expect(textsOf(path)).toEqual(['two']);
  });

  it('is refused without trying as long as there is no room', async () => {
    const room = { bavail: 0, bfree: 0, bsize: 4096 };
    const trouble = switchable(({ name }) => name === 'writeSync');
    const files = countingFiles(trouble);
    let looks = 0;
    const statfs = async () => {
      looks += 1;
      return room;
    };
    const { writer, notices } = await newWriter({ files: Object.assign(files, { statfs }) });
    trouble.code = 'ENOSPC';
    await rejection(writer.append(one, urgent));
    trouble.code = undefined;
    await expect.poll(() => looks).toBeGreaterThan(1);
    expect(await rejection(writer.append(two, urgent))).toMatchObject({ fault: 'storage_full' });
    Object.assign(room, { bavail: 1000, bfree: 1000 });
    await expect.poll(() => notices).toHaveLength(2);
    await writer.append(three, urgent);
  });

  it('is taken again as soon as the disk works', async () => {
    const { writer, path, trouble, notices } = await onBadDisk();
    trouble.code = 'ENOSPC';
    await rejection(writer.append(one, urgent));
    trouble.code = undefined;
    await expect.poll(() => notices).toHaveLength(2);
    await writer.append(two, urgent);
    expect(textsOf(path)).toEqual(['two']);
  });
});

describe('REL-WR-4: a piece of a failed record that cannot be taken back', () => {
  const nothingGoesBack = async (isOver: { value: boolean }) => {
    let writes = 0;
    const files = countingFiles({
      shorten: ({ name }, length) => (name === 'writeSync' && writes > 1 ? Math.ceil(length / 2) : length),
      fail: ({ name }) => {
        if (isOver.value) return undefined;
        if (name === 'ftruncateSync') return 'EPERM';
        if (name !== 'writeSync') return undefined;
        writes += 1;
        return writes === 3 ? 'ENOSPC' : undefined;
      },
    });
    return newWriter({ files });
  };

  it('is a torn line of its own, and what follows is whole', async () => {
    const { writer, path } = await nothingGoesBack({ value: false });
    await rejection(writer.append(one, urgent));
    await writer.append(two);
    await writer.close();
    const stored = await readRollout(path);
    expect(stored.damagedLines).toEqual([2]);
    expect([...stored.lines.entries()]).toMatchObject([{ item: { content: [{ text: 'two' }] } }]);
  });

  it('is completed when its records still have to be written', async () => {
    const { writer, path } = await nothingGoesBack({ value: false });
    await writer.append([...one, ...two]);
    await writer.append(three);
    expect(textsOf(path)).toEqual(['one', 'two', 'three']);
  });

  it('counts for the records that are whole when somebody else wrote behind it', async () => {
    let writes = 0;
    let path = '';
    const files = countingFiles({
      fail: ({ name }) => (name === 'writeSync' && ++writes === 3 ? 'ENOSPC' : undefined),
      after: ({ name }) => {
        if (name === 'writeSync' && writes === 2) appendFileSync(path, `${item(userText('foreign'))}\n`);
      },
    });
    const made = await newWriter({ files });
    path = made.path;
    await made.writer.append([...one, ...two]);
    expect(textsOf(path)).toEqual(['one', 'foreign', 'two']);
  });

  it('is taken back later when that can be done', async () => {
    const isOver = { value: false };
    const { writer, path } = await nothingGoesBack(isOver);
    await rejection(writer.append(one, urgent));
    isOver.value = true;
    await writer.append(two);
    expect(textsOf(path)).toEqual(['two']);
  });
});

describe('closing', () => {
  it('writes what waits when the disk comes back within a moment', async () => {
    const { writer, path, trouble } = await onBadDisk();
    trouble.code = 'ENOSPC';
    const appended = writer.append(one);
    const closed = writer.close();
    trouble.code = undefined;
    await Promise.all([appended, closed]);
    expect(textsOf(path)).toEqual(['one']);
  });

  it('says how many records could not be written', async () => {
    const { writer, path, trouble } = await onBadDisk();
    trouble.code = 'ENOSPC';
    const appended = rejection(writer.append([...one, ...two]));
    const error = await rejection(writer.close());
    expect(error).toMatchObject({ fault: 'storage_full', code: 'ENOSPC' });
    expect(error.message).toContain(`2 records could not be written to ${path}`);
    expect(await appended).toMatchObject({ fault: 'storage_full' });
  });
});

describe('a real limit', () => {
  it('of the size of files is told, and leaves only whole records', async () => {
    const directory = temporaryDirectory();
    const program = join(import.meta.dirname, 'fill-file.ts');
    const limited = `ulimit -f 8 && exec "$0" "$1" "$2"`;
    const args = ['-c', limited, process.execPath, program, join(directory, 'r.jsonl')];
    const { stdout } = await promisify(execFile)('bash', args);
    const { written, fault, code } = JSON.parse(stdout);
    expect({ fault, code }).toEqual({ fault: 'storage_full', code: 'EFBIG' });
    expect(textsOf(join(directory, 'r.jsonl'))).toHaveLength(written);
    expect(written).toBeGreaterThan(5);
  });

  it('of a small disk is told, holds records of turns but not their ends, and everything goes on when there is room', async ({
    skip,
  }) => {
    const directory = temporaryDirectory();
    const program = join(import.meta.dirname, 'fill-disk.ts');
    const mounted = `mount -t tmpfs -o size=2m none "$2" && exec "$0" "$1" "$2"`;
    const args = ['-rm', 'sh', '-c', mounted, process.execPath, program, directory];
    const outcome = await promisify(execFile)('unshare', args).catch((error: Error) => error);
    if (outcome instanceof Error && !outcome.message.includes(program))
      return skip(`no small disk can be mounted here: ${outcome.message}`);
    if (outcome instanceof Error) throw outcome;
    const { refused, problem, waits, whileFull, after, texts } = JSON.parse(outcome.stdout);
    expect(refused).toMatchObject({ fault: 'storage_full', code: 'ENOSPC' });
    expect(problem).toBe('storage_full');
    expect({ waits, whileFull }).toEqual({ waits: true, whileFull: true });
    expect(after).toBeNull();
    expect(texts).toEqual(['of a turn', 'closing record', 'after']);
  });
});
